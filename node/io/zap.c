#include "node/io/zap.h"

#include <string.h>

/* A CURVE request: version, request id, domain, address, routing id, mechanism, key. */
enum {
    VERSION,
    REQUEST_ID,
    DOMAIN,
    ADDRESS,
    ROUTING_ID,
    MECHANISM,
    KEY,
    CURVE_PARTS
};

bool fluit_admitted(const struct fluit_admission *admission, const struct fluit_box_pk *key)
{
    return admission->admits && admission->admits(admission->arg, key);
}

static bool is_ours(const struct fluit_slice *parts, size_t count)
{
    return count == CURVE_PARTS && fluit_slice_is(parts[VERSION], "1.0") &&
           fluit_slice_is(parts[DOMAIN], FLUIT_ZAP_DOMAIN) &&
           fluit_slice_is(parts[MECHANISM], "CURVE") &&
           parts[KEY].len == sizeof(struct fluit_box_pk);
}

void fluit_zap_answer(const struct fluit_admission *admission, const struct fluit_slice *parts,
                      size_t count, struct fluit_zap_reply *reply)
{
    *reply = (struct fluit_zap_reply){.admitted = false};
    if (is_ours(parts, count)) {
        struct fluit_box_pk key;
        memcpy(key.b, parts[KEY].data, sizeof key.b);
        reply->admitted = fluit_admitted(admission, &key);
        if (reply->admitted)
            fluit_hex(key.b, sizeof key.b, reply->user_id);
    }
    const struct fluit_slice composed[FLUIT_ZAP_PARTS] = {
        fluit_slice_str("1.0"),
        count > REQUEST_ID ? parts[REQUEST_ID] : fluit_slice_str(""),
        fluit_slice_str(reply->admitted ? "200" : "300"),
        fluit_slice_str(reply->admitted ? "OK" : "not in the roster"),
        fluit_slice_str(reply->user_id),
        fluit_slice_str(""),
    };
    memcpy(reply->parts, composed, sizeof composed);
}
