/* digest.h: one hash over the heads of all feeds held. PROTOCOL.md "Digest".
 *
 * Two nodes with the same digest hold the same entries. */
#ifndef FLUIT_DIGEST_H
#define FLUIT_DIGEST_H

#include "proto/store.h"

/* fluit_hash("fluit digest") over feed id (32) || seq (8, big-endian) || header hash (32) of each
 * feed, sorted by id bytes, whatever the order of infos. Feeds with seq 0 are left out. At most
 * FLUIT_FEEDS_MAX infos. */
struct fluit_hash fluit_heads_digest(const struct fluit_feed_info *infos, size_t count);

#endif
