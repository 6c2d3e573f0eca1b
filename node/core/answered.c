#include "node/core/answered.h"

#include <stdio.h>
#include <string.h>

#define PREFIX   "answer/"
#define NAME_LEN (sizeof PREFIX + 2)
#define HEAD_LEN (8 + sizeof(struct fluit_hash))

static void name_of(size_t place, char out[static NAME_LEN])
{
    snprintf(out, NAME_LEN, PREFIX "%02u", (unsigned)(place % FLUIT_ANSWERED_MAX));
}

/* A value that no put would write is passed over. */
static enum fluit_err take(void *arg, const char *name, struct fluit_slice value)
{
    struct fluit_answered *answered = arg;
    char expected[NAME_LEN];
    if (value.len < HEAD_LEN)
        return FLUIT_OK;
    uint64_t number = fluit_get_u64(value.data);
    name_of((size_t)(number % FLUIT_ANSWERED_MAX), expected);
    if (strcmp(name, expected) != 0 || number == UINT64_MAX)
        return FLUIT_OK;
    memcpy(answered->once[number % FLUIT_ANSWERED_MAX].b, value.data + 8,
           sizeof answered->once[0].b);
    if (number >= answered->count)
        answered->count = number + 1;
    return FLUIT_OK;
}

static enum fluit_err load(struct fluit_answered *answered, struct fluit_store store)
{
    enum fluit_err err =
        answered->loaded ? FLUIT_OK : store.ops->values(store.self, PREFIX, take, answered);
    answered->loaded = !err;
    return err;
}

enum fluit_err fluit_answered_get(struct fluit_answered *answered, struct fluit_store store,
                                  const struct fluit_hash *once, struct fluit_buf *out)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    char name[NAME_LEN];
    enum fluit_err err = load(answered, store);
    size_t place = 0;
    while (place < FLUIT_ANSWERED_MAX && !fluit_same(&answered->once[place], once, sizeof *once))
        place++;
    if (!err && place == FLUIT_ANSWERED_MAX)
        err = FLUIT_E_MISSING;
    if (err)
        return err;
    name_of(place, name);
    err = store.ops->value(store.self, name, &value);
    if (!err)
        fluit_buf_put(out, value.data + HEAD_LEN, value.len - HEAD_LEN);
    fluit_buf_wipe(&value); /* it may tell a code */
    return err ? err : out->err;
}

enum fluit_err fluit_answered_put(struct fluit_answered *answered, struct fluit_store store,
                                  const struct fluit_hash *once, struct fluit_slice json)
{
    struct fluit_buf value = FLUIT_BUF_INIT;
    char name[NAME_LEN];
    uint8_t number[8];
    enum fluit_err err = load(answered, store);
    if (err)
        return err;
    size_t place = (size_t)(answered->count % FLUIT_ANSWERED_MAX);
    fluit_put_u64(number, answered->count);
    fluit_buf_put(&value, number, sizeof number);
    fluit_buf_put(&value, once->b, sizeof once->b);
    fluit_buf_put(&value, json.data, json.len);
    name_of(place, name);
    err = value.err ? value.err : store.ops->put(store.self, name, fluit_buf_slice(&value));
    fluit_buf_wipe(&value);
    if (err)
        return err;
    answered->once[place] = *once;
    answered->count++;
    return FLUIT_OK;
}
