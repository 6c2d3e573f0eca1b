#include "node/report/text_out.h"

#include <string.h>

static const struct {
    const char *en, *nl;
} labels[] = {
    [FLUIT_LABEL_TABLES] = {"Tables", "Tafels"},
    [FLUIT_LABEL_BOARDS] = {"boards", "borden"},
    [FLUIT_LABEL_ROUND] = {"Round", "Ronde"},
    [FLUIT_LABEL_TOGETHER] = {"All rounds together", "Alle rondes samen"},
    [FLUIT_LABEL_TABLE] = {"Table", "Tafel"},
    [FLUIT_LABEL_CARD] = {"card", "kaart"},
    [FLUIT_LABEL_TOTAL] = {"all", "som"},
    [FLUIT_LABEL_DEGREES] = {"Degrees", "Mate"},
    [FLUIT_LABEL_CATEGORIES] = {"By category", "Per categorie"},
    [FLUIT_LABEL_NO_CATEGORY] = {"no category", "geen categorie"},
    [FLUIT_LABEL_BLANK] = {"own cards (blank)", "eigen kaarten (blanco)"},
    [FLUIT_LABEL_STRONGEST] = {"Strongest", "Sterkst"},
    [FLUIT_LABEL_QUOTES] = {"Quotes", "Citaten"},
    [FLUIT_LABEL_NOTES] = {"Notes", "Notities"},
    [FLUIT_LABEL_LINK] = {"link", "verband"},
    [FLUIT_LABEL_SEAT] = {"seat", "plek"},
    [FLUIT_LABEL_GROUP] = {"Group", "Groep"},
    [FLUIT_LABEL_FIRST] = {"first", "eerst"},
    [FLUIT_LABEL_MOVES] = {"moves", "zetten"},
    [FLUIT_LABEL_WHY] = {"why", "waarom"},
    [FLUIT_LABEL_WHY_NONE] = {"none given", "niet gegeven"},
    [FLUIT_LABEL_HAND] = {"hand", "hand"},
    [FLUIT_LABEL_ASIDE] = {"aside", "apart"},
    [FLUIT_LABEL_GONE] = {"taken back", "teruggenomen"},
    [FLUIT_LABEL_LATE_MADE] = {"entered afterwards", "achteraf ingevoerd"},
    [FLUIT_LABEL_LATE_ARRIVED] = {"arrived late", "te laat binnen"},
    [FLUIT_LABEL_PHOTO] = {"Photo of the paper board", "Foto van het papieren bord"},
    [FLUIT_LABEL_OUTSIDE] = {"Outside the rounds", "Buiten de rondes"},
};

const char *fluit_text_label(const struct fluit_report_input *in, enum fluit_label label)
{
    bool dutch = strcmp(in->script->languages[in->language], "nl") == 0;
    return dutch ? labels[label].nl : labels[label].en;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the first `columns` characters of text, *used of them. */
static size_t prefix(const char *text, size_t columns, size_t *used)
{
    size_t len = 0;
    for (*used = 0; text[len] && *used < columns; ++*used)
        for (len++; continues(text[len]); len++)
            ;
    return len;
}

static void spaces(struct fluit_buf *out, size_t count)
{
    while (count--)
        fluit_buf_puts(out, " ");
}

void fluit_text_pad(struct fluit_buf *out, const char *text, size_t columns)
{
    size_t used, len = prefix(text, columns, &used);
    for (size_t i = 0; i < len; i++)
        fluit_buf_put(out, text[i] == '\n' || text[i] == '\t' ? " " : &text[i], 1);
    spaces(out, columns - used);
}

/* Bytes of the line that text starts with, at most columns wide; *skip more to the next line. */
static size_t line_len(const char *text, size_t columns, size_t *skip)
{
    size_t used, fits = prefix(text, columns, &used);
    const char *newline = memchr(text, '\n', fits);
    *skip = 1;
    if (newline)
        return (size_t)(newline - text);
    if (!text[fits] || text[fits] == ' ' || text[fits] == '\n') {
        *skip = text[fits] != 0;
        return fits;
    }
    for (size_t len = fits; len > 0; len--)
        if (text[len - 1] == ' ')
            return len - 1;
    *skip = 0; /* one long word: broken where the line ends */
    return fits;
}

void fluit_text_wrap(struct fluit_buf *out, size_t indent, const char *text)
{
    for (;;) {
        size_t skip, len = line_len(text, FLUIT_TEXT_COLUMNS - indent, &skip);
        for (size_t i = 0; i < len; i++)
            fluit_buf_put(out, text[i] == '\t' ? " " : &text[i], 1);
        fluit_buf_puts(out, "\n");
        text += len + skip;
        if (!*text)
            return;
        spaces(out, indent);
    }
}

void fluit_text_end(struct fluit_buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    fluit_buf_puts(out, "\n");
}

void fluit_text_heading(struct fluit_buf *out, const char *title, char line)
{
    size_t used, len = prefix(title, FLUIT_TEXT_COLUMNS, &used);
    fluit_buf_puts(out, "\n");
    fluit_buf_put(out, title, len);
    fluit_buf_puts(out, "\n");
    while (used--)
        fluit_buf_put(out, &line, 1);
    fluit_buf_puts(out, "\n");
}
