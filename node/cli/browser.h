/* browser.h: shows a page to whoever sits at this machine. */
#ifndef FLUIT_BROWSER_H
#define FLUIT_BROWSER_H

#include "common/error.h"

/* Opens link with xdg-open, in the background. MISSING: there is no such program, or no screen. */
FLUIT_MUST_CHECK enum fluit_err fluit_browser_open(const char *link);

#endif
