#include "node/home/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/json/doc.h"

#define GOOD_US   25000  /* nobody hears it */
#define ROUGH_US  100000 /* an echo, no more */
#define PROMPT_US 10000

static const struct {
    const char *code, *check, *text, *advice;
    enum fluit_level level;
} kinds[] = {
#define KIND(name, check, level, text, advice) {#name, check, text, advice, FLUIT_LEVEL_##level},
    FLUIT_FINDINGS(KIND)
#undef KIND
};

static const char *const level_names[] = {"ok", "look", "problem"};

void fluit_findings_add(struct fluit_findings *findings, enum fluit_finding_kind kind,
                        const char *what)
{
    if (findings->count == FLUIT_FINDINGS_MAX)
        return;
    struct fluit_finding *finding = &findings->items[findings->count++];
    finding->kind = kind;
    snprintf(finding->what, sizeof finding->what, "%s", what);
}

enum fluit_level fluit_finding_level(enum fluit_finding_kind kind)
{
    return kinds[kind].level;
}

enum fluit_level fluit_findings_worst(const struct fluit_findings *findings)
{
    enum fluit_level worst = FLUIT_LEVEL_OK;
    for (int i = 0; i < findings->count; i++)
        if (kinds[findings->items[i].kind].level > worst)
            worst = kinds[findings->items[i].kind].level;
    return worst;
}

void fluit_judge_addresses(struct fluit_findings *findings, const char *now, const char *last)
{
    if (!now[0])
        fluit_findings_add(findings, FLUIT_FINDING_ADDRESS_NONE, "");
    else if (strncmp(now, "169.254.", 8) == 0 && !strchr(now, ','))
        fluit_findings_add(findings, FLUIT_FINDING_ADDRESS_SELF_MADE, now);
    else if (last && strcmp(now, last) != 0)
        fluit_findings_add(findings, FLUIT_FINDING_ADDRESS_CHANGED, now);
    else
        fluit_findings_add(findings, FLUIT_FINDING_ADDRESS, now);
}

/* "counter packets 0 bytes 0 drop": all that came this far. */
static bool counts_and_drops(const char *rule)
{
    static const char before[] = "counter packets ", drop[] = " drop";
    static const char counts[] = "0123456789 bytes";
    size_t len = strlen(rule), counted;
    if (strncmp(rule, before, sizeof before - 1) != 0 || len < sizeof before + sizeof drop)
        return false;
    counted = strspn(rule + sizeof before - 1, counts);
    return strcmp(rule + sizeof before - 1 + counted, drop + 1) == 0;
}

/* "chain input {" ... "type filter hook input priority filter; policy drop;" on one line; or a last
 * rule that is "drop" or "reject" for all. */
bool fluit_nft_drops(const char *rules)
{
    bool in_input = false;
    for (const char *line = rules; line && *line;) {
        const char *end = strchr(line, '\n');
        size_t len = end ? (size_t)(end - line) : strlen(line);
        char text[256];
        snprintf(text, sizeof text, "%.*s", (int)(len < 255 ? len : 255), line);
        const char *word = text + strspn(text, " \t");
        if (strstr(word, "hook input"))
            in_input = true;
        if (in_input && strstr(word, "hook input") && strstr(word, "policy drop"))
            return true;
        if (in_input && (strcmp(word, "drop") == 0 || strncmp(word, "reject", 6) == 0 ||
                         counts_and_drops(word)))
            return true;
        if (word[0] == '}')
            in_input = false;
        line = end ? end + 1 : NULL;
    }
    return false;
}

bool fluit_iptables_drops(const char *rules)
{
    return strstr(rules, "-P INPUT DROP") || strstr(rules, "-A INPUT -j DROP") ||
           strstr(rules, "-A INPUT -j REJECT");
}

/* OpenVPN takes all by two routes, of half of all addresses each. */
bool fluit_route_takes_all(const char *line, char device[static 16])
{
    char name[16], destination[16], mask[16];
    if (sscanf(line, "%15s %15s %*15s %*15s %*15s %*15s %*15s %15s", name, destination, mask) != 3)
        return false;
    bool all = strcmp(mask, "00000000") == 0 && strcmp(destination, "00000000") == 0;
    bool half = strcmp(mask, "00000080") == 0 || strcmp(mask, "80000000") == 0;
    if (!all && !half)
        return false;
    memcpy(device, name, sizeof name);
    return true;
}

bool fluit_is_vpn_name(const char *device)
{
    static const char *const kinds_of[] = {"tun",   "tap",      "wg",     "ppp",
                                           "ipsec", "nordlynx", "proton", "tailscale"};
    for (size_t i = 0; i < sizeof kinds_of / sizeof kinds_of[0]; i++)
        if (strncmp(device, kinds_of[i], strlen(kinds_of[i])) == 0)
            return true;
    return false;
}

void fluit_judge_vpn(struct fluit_findings *findings, const char *up, const char *all)
{
    if (all[0])
        fluit_findings_add(findings, FLUIT_FINDING_VPN_ALL, all);
    else if (up[0])
        fluit_findings_add(findings, FLUIT_FINDING_VPN_UP, up);
    else
        fluit_findings_add(findings, FLUIT_FINDING_VPN_NONE, "");
}

/* A clock read through a round trip may be off by half of it. */
void fluit_judge_whistle(struct fluit_findings *findings, int64_t rtt_us, int64_t late_us)
{
    char what[32];
    bool alone = rtt_us < 0;
    int64_t off_us = alone ? late_us : rtt_us / 2 + late_us;
    snprintf(what, sizeof what, "%.1f", (double)off_us / 1000);
    enum fluit_finding_kind kind =
        alone ? off_us <= PROMPT_US ? FLUIT_FINDING_WHISTLE_ALONE : FLUIT_FINDING_WHISTLE_BUSY
        : off_us <= GOOD_US  ? FLUIT_FINDING_WHISTLE
        : off_us <= ROUGH_US ? FLUIT_FINDING_WHISTLE_ROUGH
                             : FLUIT_FINDING_WHISTLE_BAD;
    fluit_findings_add(findings, kind, what);
}

/* The one %s of a text becomes what. */
static void put_text(const struct fluit_finding *finding, struct fluit_buf *out)
{
    const char *text = kinds[finding->kind].text, *at = strstr(text, "%s");
    if (!at) {
        fluit_buf_puts(out, text);
        return;
    }
    fluit_buf_put(out, text, (size_t)(at - text));
    fluit_buf_puts(out, finding->what);
    fluit_buf_puts(out, at + 2);
}

void fluit_findings_print(const struct fluit_findings *findings)
{
    for (int i = 0; i < findings->count; i++) {
        const struct fluit_finding *finding = &findings->items[i];
        struct fluit_buf text = FLUIT_BUF_INIT;
        put_text(finding, &text);
        printf("%-8s %-9s %s\n", level_names[kinds[finding->kind].level],
               kinds[finding->kind].check, fluit_buf_text(&text));
        fluit_buf_deinit(&text);
    }
    if (fluit_findings_worst(findings) == FLUIT_LEVEL_OK)
        return;
    puts("\nWhat to do");
    for (int i = 0; i < findings->count; i++) {
        enum fluit_finding_kind kind = findings->items[i].kind;
        if (kinds[kind].advice[0])
            printf("  %s: %s\n", kinds[kind].check, kinds[kind].advice);
    }
}

enum fluit_err fluit_findings_json(const struct fluit_findings *findings, struct fluit_buf *out)
{
    struct fluit_doc doc;
    fluit_doc_init(&doc);
    fluit_doc_str(&doc, "worst", level_names[fluit_findings_worst(findings)]);
    fluit_doc_array(&doc, "findings");
    for (int i = 0; i < findings->count; i++) {
        const struct fluit_finding *finding = &findings->items[i];
        struct fluit_buf text = FLUIT_BUF_INIT;
        put_text(finding, &text);
        fluit_doc_object(&doc, NULL);
        fluit_doc_str(&doc, "check", kinds[finding->kind].check);
        fluit_doc_str(&doc, "level", level_names[kinds[finding->kind].level]);
        fluit_doc_str(&doc, "code", kinds[finding->kind].code);
        fluit_doc_str(&doc, "what", finding->what);
        fluit_doc_str(&doc, "text", fluit_buf_text(&text));
        fluit_doc_str(&doc, "advice", kinds[finding->kind].advice);
        fluit_doc_end(&doc);
        fluit_buf_deinit(&text);
    }
    fluit_doc_end(&doc);
    enum fluit_err err = fluit_doc_dump_line(&doc, out);
    fluit_doc_deinit(&doc);
    return err;
}
