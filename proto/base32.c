#include "proto/base32.h"

#include <assert.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

char fluit_base32_char(uint8_t value)
{
    assert(value < 32);
    return digits[value];
}

int fluit_base32_value(char c)
{
    if (c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return FLUIT_BASE32_SKIP;
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : FLUIT_BASE32_BAD;
}

/* The product of a digit and x. */
static uint8_t times_x(uint8_t value)
{
    unsigned shifted = (unsigned)value << 1;
    return (uint8_t)(shifted & 32 ? shifted ^ 0x25 : shifted);
}

uint8_t fluit_base32_check(const uint8_t *values, size_t count)
{
    assert(count <= FLUIT_BASE32_DIGITS_MAX);
    uint8_t check = 0;
    for (size_t i = 0; i < count; i++)
        check = times_x(check ^ values[i]);
    return check;
}
