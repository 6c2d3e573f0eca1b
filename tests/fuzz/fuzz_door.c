/* The door, both ways. The first byte says what the rest is: 0: the bytes of a first message; 1: of
 * an answer; 2: what somebody with the code sealed into a first message; 3: or into an answer. */
#include <string.h>

#include "proto/door.h"
#include "tests/fuzz/fuzz.h"

static const struct fluit_invite_code code = {"0123456789ABCDEF"};

struct side {
    struct fluit_rng rng;
    struct fluit_noise noise;
    struct fluit_buf out;
};

static void start(struct side *side, bool initiator)
{
    struct fluit_secret psk = fluit_invite_psk(&code);
    memset(side, 0, sizeof *side);
    fluit_rng_seed(&side->rng, "fuzz", 4);
    fluit_noise_init(&side->noise, initiator, &psk, fluit_slice_str("fluit door 1"));
}

static void end(struct side *side)
{
    fluit_noise_deinit(&side->noise);
    fluit_buf_deinit(&side->out);
}

static void read_join(struct fluit_slice message)
{
    struct fluit_noise noise;
    struct fluit_join join;
    struct fluit_invite_id id;
    if (!fluit_join_invite(message, &id) && !fluit_join_read(&noise, &code, message, &join))
        must(join.wants >= FLUIT_NODE_HUB && join.wants <= FLUIT_NODE_RAPPORTEUR);
}

static void read_answer(struct fluit_noise *noise, struct fluit_slice message)
{
    struct fluit_buf text = FLUIT_BUF_INIT;
    struct fluit_welcome welcome;
    unsigned reason = 0;
    bool proven = false;
    enum fluit_err err = fluit_welcome_read(noise, message, &text, &welcome, &reason, &proven);
    if (!err) {
        must(proven && welcome.sync_port && welcome.control_port && welcome.collect_port);
        must(welcome.roster.len <= text.len);
    }
    if (err == FLUIT_E_DENIED)
        must(reason <= 255 && fluit_refusal_text(reason) != NULL);
    fluit_buf_deinit(&text);
}

static void sealed_join(struct fluit_slice payload)
{
    static const uint8_t id[8];
    struct side joiner;
    start(&joiner, true);
    fluit_buf_put(&joiner.out, id, sizeof id);
    if (!fluit_noise_write(&joiner.noise, &joiner.rng, payload, &joiner.out))
        read_join(fluit_buf_slice(&joiner.out));
    end(&joiner);
}

static void sealed_answer(struct fluit_slice payload)
{
    struct side joiner, hub;
    struct fluit_buf text = FLUIT_BUF_INIT;
    start(&joiner, true);
    start(&hub, false);
    must(!fluit_noise_write(&joiner.noise, &joiner.rng, fluit_slice(NULL, 0), &joiner.out));
    must(!fluit_noise_read(&hub.noise, fluit_buf_slice(&joiner.out), &text));
    fluit_buf_put(&hub.out, "\1", 1);
    if (!fluit_noise_write(&hub.noise, &hub.rng, payload, &hub.out))
        read_answer(&joiner.noise, fluit_buf_slice(&hub.out));
    fluit_buf_deinit(&text);
    end(&hub);
    end(&joiner);
}

static void stray_answer(struct fluit_slice message)
{
    struct side joiner;
    start(&joiner, true);
    must(!fluit_noise_write(&joiner.noise, &joiner.rng, fluit_slice(NULL, 0), &joiner.out));
    read_answer(&joiner.noise, message);
    end(&joiner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    struct fluit_slice rest = fluit_slice(data + 1, len - 1);
    switch (data[0]) {
    case 0:
        read_join(rest);
        break;
    case 1:
        stray_answer(rest);
        break;
    case 2:
        sealed_join(rest);
        break;
    case 3:
        sealed_answer(rest);
        break;
    }
    return 0;
}
