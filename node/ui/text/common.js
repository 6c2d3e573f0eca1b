// Words that all pages share.
export default {
    en: {
        opening: "One moment …",
        broken: "The connection to this table's computer is gone. What you do is kept here and " +
            "sent as soon as it is back.",
        refused: "This link was used already, or is an old one.",
        refusedHelp: "Ask for a new one: type “page” at the console, or scan the QR on the " +
            "table's screen again.",
        notReady: "Getting ready …",
        language: "Language",
        unsentOne: "1 change only on this device; it is sent as soon as it can",
        unsentMore: "{n} changes only on this device; they are sent as soon as they can",
    },
    nl: {
        opening: "Een ogenblik …",
        broken: "De verbinding met de computer van deze tafel is weg. Wat u doet blijft hier " +
            "bewaard en wordt verstuurd zodra ze terug is.",
        refused: "Deze link is al gebruikt, of is een oude.",
        refusedHelp: "Vraag een nieuwe: typ “page” aan de console, of scan de QR op het scherm " +
            "van de tafel opnieuw.",
        notReady: "Wordt klaargezet …",
        language: "Taal",
        unsentOne: "1 wijziging staat alleen op dit apparaat; ze wordt verstuurd zodra het kan",
        unsentMore: "{n} wijzigingen staan alleen op dit apparaat; ze worden verstuurd zodra " +
            "het kan",
    },
};
