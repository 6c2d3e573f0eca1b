/* commands.h: the subcommands of fluit. Each gets its own name as argv[0] and returns the exit
 * status: 0 done, 1 it did not work, 2 called wrongly. */
#ifndef FLUIT_COMMANDS_H
#define FLUIT_COMMANDS_H

int fluit_cmd_check_room(int argc, char **argv);
int fluit_cmd_home(int argc, char **argv);
int fluit_cmd_hub(int argc, char **argv);
int fluit_cmd_invites(int argc, char **argv);
int fluit_cmd_new(int argc, char **argv);
int fluit_cmd_rapporteur(int argc, char **argv);
int fluit_cmd_recover(int argc, char **argv);
int fluit_cmd_rehearse(int argc, char **argv);
int fluit_cmd_report(int argc, char **argv);
int fluit_cmd_room(int argc, char **argv);
int fluit_cmd_script(int argc, char **argv);
int fluit_cmd_standby(int argc, char **argv);
int fluit_cmd_table(int argc, char **argv);
int fluit_cmd_takeover(int argc, char **argv);
int fluit_cmd_verify(int argc, char **argv);

/* Prints the codes of the workshop in dir, one "NAME CODE" a line. Returns an exit status. */
int fluit_invites_print(const char *dir);

#endif
