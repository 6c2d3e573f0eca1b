/* report.h: the merged rounds as JSON, CSV or text. */
#ifndef FLUIT_REPORT_H
#define FLUIT_REPORT_H
#endif
