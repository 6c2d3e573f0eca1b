/* invite.h: the 16-character code that lets a node in at the door. PROTOCOL.md "Invites".
 *
 * 15 random base32 digits (75 bits) and their check digit (base32.h), shown XXXX-XXXX-XXXX-XXXX.
 * A code is a secret: wipe copies. Its psk and id are hashes over the 16 canonical characters; the
 * id may be seen by anyone, finding the code from it takes 2^75 hashes. */
#ifndef FLUIT_INVITE_H
#define FLUIT_INVITE_H

#include "common/crypto.h"

#define FLUIT_INVITE_LEN      16
#define FLUIT_INVITE_SHOW_LEN 19

/* Canonical: 16 upper-case digits without dashes, NUL-terminated. */
struct fluit_invite_code {
    char s[FLUIT_INVITE_LEN + 1];
};
struct fluit_invite_id {
    uint8_t b[8];
};

void fluit_invite_new(struct fluit_rng *rng, struct fluit_invite_code *code);
/* Reads what was typed (base32.h says what is forgiven). FORMAT: a character that no code has, or
 * not 16 of them. AUTH: the check digit does not fit. Then *why is a line for the person, static;
 * on success it is left alone. why may be NULL. */
FLUIT_MUST_CHECK enum fluit_err fluit_invite_parse(const char *text, struct fluit_invite_code *code,
                                                   const char **why);
/* With dashes, NUL-terminated. */
void fluit_invite_show(const struct fluit_invite_code *code, char out[FLUIT_INVITE_SHOW_LEN + 1]);
/* The door's pre-shared key: BLAKE2b-256 (fluit_hash) under "fluit invite psk". */
struct fluit_secret fluit_invite_psk(const struct fluit_invite_code *code);
/* Names the code at the door: first 8 bytes of fluit_hash under "fluit invite id". */
struct fluit_invite_id fluit_invite_id(const struct fluit_invite_code *code);

#endif
