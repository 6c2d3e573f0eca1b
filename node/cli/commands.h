/* commands.h: the subcommands of fluit. Each gets its own name as argv[0] and returns the exit
 * status: 0 done, 1 it did not work, 2 called wrongly. */
#ifndef FLUIT_COMMANDS_H
#define FLUIT_COMMANDS_H

/* fluit script check FILE | list | show NAME */
int fluit_cmd_script(int argc, char **argv);
/* fluit verify DIR */
int fluit_cmd_verify(int argc, char **argv);

#endif
