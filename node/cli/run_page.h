/* run_page.h: a node's page: where it is served, and the console lines about it. */
#ifndef FLUIT_RUN_PAGE_H
#define FLUIT_RUN_PAGE_H

#include "node/cli/run.h"

/* Serves it as the options say and prints its link; one line if that can't be: a node can be used
 * without. */
void fluit_run_page_open(struct fluit_run *run, const struct fluit_run_options *options);
/* "page", "page projector", "page phones", "page new": false if the line is none of them. */
bool fluit_run_page_line(struct fluit_run *run, struct fluit_slice line);

#endif
