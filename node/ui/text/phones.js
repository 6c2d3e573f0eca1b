// Words of the code for phones.
export default {
    en: {
        open: "Phone",
        title: "This page on a phone",
        code: "QR for phones",
        how: "Point a phone's camera at the square, on this room's Wi-Fi, and open the address " +
            "it shows.",
        secret: "Who scans it can do all that this page can: show it to your own table only.",
        renew: "Make a new code",
        renewAsk: "Phones that are in now have to scan again.",
        renewYes: "Make a new one",
        cancel: "Leave it",
        close: "Close",
    },
    nl: {
        open: "Telefoon",
        title: "Deze pagina op een telefoon",
        code: "QR voor telefoons",
        how: "Richt de camera van een telefoon op het vierkant, op de wifi van deze zaal, en " +
            "open het adres dat hij toont.",
        secret: "Wie hem scant kan alles wat deze pagina kan: toon hem alleen aan uw eigen tafel.",
        renew: "Maak een nieuwe code",
        renewAsk: "Telefoons die nu meedoen moeten opnieuw scannen.",
        renewYes: "Maak een nieuwe",
        cancel: "Laat zo",
        close: "Sluiten",
    },
};
