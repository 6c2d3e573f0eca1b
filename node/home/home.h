/* home.h: the home page: makes workshops, rehearses, leads, joins and resumes without a terminal.
 *
 * A page server of its own, with no workshop in it; all it does is run fluit's own commands on
 * directories below one folder. API.md says what its page sees and asks for. */
#ifndef FLUIT_HOME_H
#define FLUIT_HOME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bytes.h"

#define FLUIT_HOME_NAME_MAX 40

struct fluit_home_options {
    const char *folder;   /* made if it is not there */
    const char *hub_port; /* as for fluit hub */
    uint16_t page_port;   /* 0: any */
    bool no_browser;
};

/* Runs until its page says quit, or SIGINT, SIGTERM or SIGHUP. If it runs on that folder already,
 * gives a new link to that one. Returns the exit status. */
int fluit_home_run(const struct fluit_home_options *options);

/* A name of a directory or script in the folder: 1 to 40 of a-z, A-Z, 0-9, - and _, the first a
 * letter or digit; not one that the folder uses itself. */
bool fluit_home_name_ok(struct fluit_slice name);
/* An address or name of a machine, HOST or HOST:PORT, that can't be taken for an option. */
bool fluit_home_host_ok(struct fluit_slice host);

#endif
