#include "node/rehearse/people_words.h"

#include <string.h>

#define PHRASES_MAX 10

static const char *const english[FLUIT_TOPIC_COUNT][PHRASES_MAX] = {
    [FLUIT_TOPIC_WHY] = {"it came up more than once", "that made the difference",
                         "it took a while before it helped", "nobody had expected this",
                         "there was suddenly time for it", "somebody asked, at the right moment",
                         "without it nothing would have moved", "it cost more than it gave",
                         "it was always in the way", "small, but it lasted"},
    [FLUIT_TOPIC_NOTE] = {"first unsure, later clearly proud", "we talked longest about this one",
                          "two of us saw it differently", "the turning point was last summer",
                          "ask about this again", "more of this would help others too",
                          "nobody wrote it down at the time", "starts small, with one task",
                          "the rest of the team noticed it first", "it is still going on"},
    [FLUIT_TOPIC_QUOTE] = {"if you don't ask, nothing happens", "I learned it by doing it wrong",
                           "they simply let me try", "somebody believed in it before I did",
                           "I never called that learning", "now others come and ask me"},
    [FLUIT_TOPIC_ANSWER] = {"fewer forms, more talking", "time set apart for it every month",
                            "what we have, only better known", "one person to turn to",
                            "what others run into and how they solved it", "room to try things"},
    [FLUIT_TOPIC_BLANK] = {"luck", "the weather", "a new start", "someone's example", "rest"},
    [FLUIT_TOPIC_LINK] = {"because of", "against", "goes with", "led to", "stronger together"},
};

static const char *const dutch[FLUIT_TOPIC_COUNT][PHRASES_MAX] = {
    [FLUIT_TOPIC_WHY] = {"het kwam vaker terug", "dat maakte het verschil",
                         "het duurde even voor het hielp", "niemand had dit verwacht",
                         "er was ineens tijd voor", "iemand vroeg ernaar, op het goede moment",
                         "zonder dit was er niets gebeurd", "het kostte meer dan het opleverde",
                         "het zat steeds in de weg", "klein, maar het bleef"},
    [FLUIT_TOPIC_NOTE] = {"eerst onzeker, later zichtbaar trots", "hier spraken we het langst over",
                          "twee van ons zagen het anders", "het keerpunt was vorige zomer",
                          "hier nog eens naar vragen", "meer hiervan helpt anderen ook",
                          "niemand schreef het toen op", "begint klein, met één taak",
                          "de rest van het team merkte het het eerst", "het loopt nog"},
    [FLUIT_TOPIC_QUOTE] = {"als je niks vraagt gebeurt er niks",
                           "ik leerde het door het fout te "
                           "doen",
                           "ze lieten me gewoon proberen", "iemand geloofde erin vóór ik het deed",
                           "ik heb dat nooit leren genoemd", "nu komen anderen het aan mij vragen"},
    [FLUIT_TOPIC_ANSWER] = {"minder formulieren, meer gesprek", "elke maand tijd ervoor",
                            "wat er is, maar beter bekend", "één persoon bij wie je terecht kunt",
                            "waar anderen tegenaan lopen en hoe zij het oplosten",
                            "ruimte om te proberen"},
    [FLUIT_TOPIC_BLANK] = {"geluk", "het weer", "een nieuw begin", "iemands voorbeeld", "rust"},
    [FLUIT_TOPIC_LINK] = {"door", "tegenover", "hoort bij", "leidde tot", "samen sterker"},
};

const char *fluit_people_phrase(struct fluit_rng *rng, const char *language, enum fluit_topic topic)
{
    const char *const *phrases = strcmp(language, "nl") == 0 ? dutch[topic] : english[topic];
    uint64_t count = 0;
    while (count < PHRASES_MAX && phrases[count])
        count++;
    return phrases[fluit_rng_below(rng, count)];
}
