#include "node/web/tls_cert.h"

#include <ctype.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#define CHAIN_MAX 8

static gnutls_datum_t datum(const char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

/* As it may stand in a link and in a Host. */
static bool is_plain_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '.')
            return false;
    return len > 0;
}

static void read_names(gnutls_x509_crt_t cert, struct fluit_tls_names *names)
{
    *names = (struct fluit_tls_names){.count = 0};
    for (unsigned i = 0; names->count < FLUIT_TLS_NAMES_MAX; i++) {
        char *name = names->name[names->count];
        size_t len = FLUIT_TLS_NAME_LEN_MAX + 1;
        int type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &len, NULL);
        if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return; /* no more, or not to be read */
        if (type != GNUTLS_SAN_DNSNAME || len > FLUIT_TLS_NAME_LEN_MAX || !is_plain_name(name, len))
            continue;
        for (size_t at = 0; at < len; at++)
            name[at] = (char)tolower((unsigned char)name[at]);
        name[len] = 0;
        names->count++;
    }
}

static enum fluit_tls_fault check_pair(const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
    gnutls_certificate_credentials_t pair;
    gnutls_x509_privkey_t alone;
    if (gnutls_x509_privkey_init(&alone))
        return FLUIT_TLS_NO_KEY;
    bool is_key = gnutls_x509_privkey_import2(alone, key, GNUTLS_X509_FMT_PEM, NULL, 0) == 0;
    gnutls_x509_privkey_deinit(alone);
    if (!is_key || gnutls_certificate_allocate_credentials(&pair))
        return FLUIT_TLS_NO_KEY;
    int err = gnutls_certificate_set_x509_key_mem(pair, cert, key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(pair);
    return err < 0 ? FLUIT_TLS_MISMATCH : FLUIT_TLS_FINE;
}

enum fluit_tls_fault fluit_tls_check(const char *cert_text, const char *key_text, int64_t wall_s,
                                     struct fluit_tls_names *names)
{
    gnutls_datum_t cert = datum(cert_text), key = datum(key_text);
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned count = CHAIN_MAX;
    int got = gnutls_x509_crt_list_import(chain, &count, &cert, GNUTLS_X509_FMT_PEM, 0);
    if (got <= 0)
        return FLUIT_TLS_NO_CERT;
    enum fluit_tls_fault fault = check_pair(&cert, &key);
    if (!fault && gnutls_x509_crt_get_expiration_time(chain[0]) < (time_t)wall_s)
        fault = FLUIT_TLS_EXPIRED;
    read_names(chain[0], names);
    for (int i = 0; i < got; i++)
        gnutls_x509_crt_deinit(chain[i]);
    return fault;
}
