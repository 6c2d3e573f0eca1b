/* people_words.h: what the participants of a rehearsal say. Of no workshop in particular. */
#ifndef FLUIT_PEOPLE_WORDS_H
#define FLUIT_PEOPLE_WORDS_H

#include "common/crypto.h"

enum fluit_topic {
    FLUIT_TOPIC_WHY,
    FLUIT_TOPIC_NOTE,
    FLUIT_TOPIC_QUOTE,
    FLUIT_TOPIC_ANSWER,
    FLUIT_TOPIC_BLANK,
    FLUIT_TOPIC_LINK,
};
#define FLUIT_TOPIC_COUNT 6

/* A phrase in that language ("nl", else English); static. */
const char *fluit_people_phrase(struct fluit_rng *rng, const char *language,
                                enum fluit_topic topic);

#endif
