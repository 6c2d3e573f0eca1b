#include "common/error.h"

const char *fluit_err_text(enum fluit_err err)
{
    switch (err) {
#define X(name, text)                                                                              \
    case FLUIT_E_##name:                                                                           \
        return text;
        FLUIT_ERRORS(X)
#undef X
    }
    return "unknown error";
}
