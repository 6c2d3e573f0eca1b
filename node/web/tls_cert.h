/* tls_cert.h: is that a certificate and its key, and which names may be used with it? The one door
 * to GnuTLS. */
#ifndef FLUIT_TLS_CERT_H
#define FLUIT_TLS_CERT_H

#include "common/bytes.h"

#define FLUIT_TLS_NAMES_MAX    8
#define FLUIT_TLS_NAME_LEN_MAX 253

/* DNS names, lower case, without wildcards. */
struct fluit_tls_names {
    char name[FLUIT_TLS_NAMES_MAX][FLUIT_TLS_NAME_LEN_MAX + 1];
    size_t count;
};

enum fluit_tls_fault {
    FLUIT_TLS_FINE,
    FLUIT_TLS_NO_CERT,
    FLUIT_TLS_NO_KEY,
    FLUIT_TLS_MISMATCH, /* the key is another certificate's */
    FLUIT_TLS_EXPIRED,
};

/* PEM texts, NUL-terminated. wall_s: since 1970. names is set if it is fine or expired. */
enum fluit_tls_fault fluit_tls_check(const char *cert, const char *key, int64_t wall_s,
                                     struct fluit_tls_names *names);

#endif
