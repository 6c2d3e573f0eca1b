/* paper.h: the recovery secret on paper, 4 lines of 16 characters. PROTOCOL.md "Typed codes".
 *
 * 32 bytes are 52 base32 digits, most significant bit first, the last digit's low 4 bits 0; then
 * 8 sum digits, the first 40 bits of fluit_hash("fluit paper sum") over the 32 bytes. Line l
 * (1..4) has data digits 13(l-1)..13(l-1)+12, sum digits 2(l-1) and 2(l-1)+1, and a check digit
 * (base32.h) over the value l and these 15. So a wrong character, an exchange of two, or of two
 * lines, is caught and its line named; what slips past the checks must also match 40 bits. */
#ifndef FLUIT_PAPER_H
#define FLUIT_PAPER_H

#include "common/crypto.h"

#define FLUIT_PAPER_LINES    4
#define FLUIT_PAPER_LINE_LEN 16
/* Characters as shown: 4 groups of 4 a line, dashes between, a newline after each line. */
#define FLUIT_PAPER_SHOW_LEN (FLUIT_PAPER_LINES * 20)
/* Characters that are typed back to show that the key was written down. */
#define FLUIT_PAPER_TAIL_LEN 4

/* The 4 lines, NUL-terminated. Secret: wipe out after use. */
void fluit_paper_put(const struct fluit_secret *secret, char out[FLUIT_PAPER_SHOW_LEN + 1]);
/* Were the last FLUIT_PAPER_TAIL_LEN characters of a key as shown typed? As forgiving as an invite.
 */
bool fluit_paper_tail_is(const char shown[FLUIT_PAPER_SHOW_LEN + 1], const char *typed);
/* Reads what was typed, as forgiving as an invite; line ends don't matter. FORMAT: a character that
 * no key has, or not 64 of them. AUTH: a line's check or the sum does not fit. Then *why is a line
 * for the person, static; on success it is left alone. why may be NULL. */
FLUIT_MUST_CHECK enum fluit_err fluit_paper_get(const char *text, struct fluit_secret *secret,
                                                const char **why);

#endif
