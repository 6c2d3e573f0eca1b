#include "common/crypto.h"

#include <stdio.h>

int main(void)
{
    if (fluit_crypto_init()) {
        fputs("fluit: libsodium does not start; reinstall libsodium\n", stderr);
        return 1;
    }
    return 0;
}
