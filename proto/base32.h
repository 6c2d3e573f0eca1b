/* base32.h: Crockford's base32 digits and their check digit, for what people type.
 * PROTOCOL.md "Typed codes".
 *
 * The 32 digits are 0123456789ABCDEFGHJKMNPQRSTVWXYZ, worth 0..31 in this order.
 *
 * The check digit counts in GF(32): a digit's five bits are the coefficients of a polynomial over
 * GF(2) in x, lowest bit = constant term; adding is XOR; a product is reduced by x^5 + x^2 + 1.
 * With a = x (the digit 2), the check digit of d[0..n-1] is
 *     a^n d[0] + a^(n-1) d[1] + ... + a d[n-1],
 * that is: c = 0; for each digit d: c = a * (c + d). As a has order 31, the weights of up to 31
 * digits, the check digit's (1) among them, are all different and none is 0: every single wrong
 * digit and every exchange of two different digits, adjacent or not, is caught. */
#ifndef FLUIT_BASE32_H
#define FLUIT_BASE32_H

#include "common/bytes.h"

#define FLUIT_BASE32_DIGITS_MAX 30 /* digits one check digit guards */

#define FLUIT_BASE32_SKIP (-1) /* a space, a line's end or a dash: for the eye only */
#define FLUIT_BASE32_BAD  (-2) /* not a digit; U is none either */

/* The digit worth value, 0..31. */
char fluit_base32_char(uint8_t value);
/* What a typed character is worth: 0..31, SKIP or BAD. Lower case counts as upper case, O as 0,
 * I and L as 1. */
int fluit_base32_value(char c);
/* The check digit's value after the count digits' values; count <= FLUIT_BASE32_DIGITS_MAX. */
uint8_t fluit_base32_check(const uint8_t *values, size_t count);

#endif
