// What a look at the room's network found, and what to do; by the codes of node/home/finding.h.
export default {
    en: {
        found_ADDRESS: "this machine is reached at {what}",
        found_ADDRESS_NONE: "this machine is on no network",
        found_ADDRESS_SELF_MADE: "the network gave this machine no address ({what})",
        found_ADDRESS_CHANGED: "the address changed since last time: {what}",
        found_BEACON: "tables can find the hub by themselves (UDP 7449)",
        found_BEACON_BUSY: "another program holds UDP port 7449",
        found_BEACON_LOST: "what this machine calls out on UDP 7449 does not come back",
        found_BEACON_ALONE:
            "nodes on this machine find each other; there is no network to call out on",
        found_PORTS: "the hub's ports are free (TCP 7450 to 7453)",
        found_PORTS_BUSY: "TCP port {what} is in use already",
        found_PORTS_SHUT: "this machine does not reach itself at {what}",
        found_FIREWALL_NONE: "no firewall was seen that keeps others out",
        found_FIREWALL_HIDDEN:
            "no firewall was seen; all of its rules only the administrator can read",
        found_FIREWALL_ON: "a firewall is on ({what})",
        found_VPN_NONE: "no VPN is in the way",
        found_VPN_UP: "a VPN is on ({what})",
        found_VPN_ALL: "a VPN takes all that leaves this machine ({what})",
        found_PEER: "this machine and {what} reach each other, both ways",
        found_PEER_ALONE: "whether the network keeps its devices apart is not known yet",
        found_PEER_NONE: "nothing answers at {what}",
        found_PEER_NOBODY: "the other device was not heard",
        found_PEER_ONE_WAY: "only one of this machine and {what} reaches the other",
        found_PEER_DEAF:
            "this machine and {what} reach each other, but do not hear each other call out",
        found_WHISTLE: "the whistle will be exact to ± {what} ms",
        found_WHISTLE_ROUGH: "the whistle will be exact to ± {what} ms only",
        found_WHISTLE_BAD: "the whistle will be ± {what} ms off",
        found_WHISTLE_ALONE: "this machine whistles within {what} ms of when it should",
        found_WHISTLE_BUSY: "this machine is late by up to {what} ms",
        advice_ADDRESS_NONE:
            "Connect it to the router, by cable or Wi-Fi, and check again. If all tables are "
            + "on this computer they need no network.",
        advice_ADDRESS_SELF_MADE:
            "The router gives out no addresses: start it again, or use another.",
        advice_ADDRESS_CHANGED:
            "Tables find the hub again by themselves. Addresses that somebody wrote down, and "
            + "QR codes for phones made before, are no longer good.",
        advice_BEACON_BUSY: "Close it, or give the tables this computer's address when they join.",
        advice_BEACON_LOST:
            "A firewall holds it: let UDP port 7449 in. Or give the tables this computer's "
            + "address when they join.",
        advice_PORTS_BUSY:
            "If the hub runs here now that is as it should be. Else close the program that "
            + "has it.",
        advice_PORTS_SHUT: "A firewall holds it: let TCP ports 7450 to 7453 in.",
        advice_FIREWALL_ON:
            "Let in UDP 7449, TCP 7450 to 7453, and the ports of tables and pages; or switch "
            + "it off for the afternoon. Then check with a second device.",
        advice_VPN_UP:
            "Switch it off for the afternoon, or see that it leaves the local network alone.",
        advice_VPN_ALL: "Switch it off for the afternoon: tables may not be reached through it.",
        advice_PEER_ALONE: "It takes a second device: see below.",
        advice_PEER_NONE:
            "Does the other device wait there? Then the network keeps its devices apart, as "
            + "guest Wi-Fi often does, or these are two networks. Use a router of your own.",
        advice_PEER_NOBODY:
            "If it was started as told, the network keeps its devices apart, as guest Wi-Fi "
            + "often does, or these are two networks. Use a router of your own.",
        advice_PEER_ONE_WAY:
            "A firewall on the one that is not reached holds it: let TCP in there.",
        advice_PEER_DEAF:
            "The network holds broadcasts: give the tables the hub's address when they join.",
        advice_WHISTLE_ROUGH: "Nearer to the router, on 5 GHz, or by cable it gets better.",
        advice_WHISTLE_BAD:
            "The network is slow or very busy: use a router of your own, or cables.",
        advice_WHISTLE_BUSY: "It is busy: close other programs, and plug it in.",
    },
    nl: {
        found_ADDRESS: "deze computer is te bereiken op {what}",
        found_ADDRESS_NONE: "deze computer zit op geen netwerk",
        found_ADDRESS_SELF_MADE: "het netwerk gaf deze computer geen adres ({what})",
        found_ADDRESS_CHANGED: "het adres is anders dan de vorige keer: {what}",
        found_BEACON: "tafels kunnen de hub vanzelf vinden (UDP 7449)",
        found_BEACON_BUSY: "een ander programma heeft UDP-poort 7449",
        found_BEACON_LOST: "wat deze computer roept op UDP 7449 komt niet terug",
        found_BEACON_ALONE:
            "op deze computer vindt alles elkaar; er is geen netwerk om op te roepen",
        found_PORTS: "de poorten van de hub zijn vrij (TCP 7450 tot 7453)",
        found_PORTS_BUSY: "TCP-poort {what} is al in gebruik",
        found_PORTS_SHUT: "deze computer bereikt zichzelf niet op {what}",
        found_FIREWALL_NONE: "geen firewall gezien die anderen buiten houdt",
        found_FIREWALL_HIDDEN: "geen firewall gezien; alle regels kan alleen de beheerder lezen",
        found_FIREWALL_ON: "er staat een firewall aan ({what})",
        found_VPN_NONE: "er zit geen VPN in de weg",
        found_VPN_UP: "er staat een VPN aan ({what})",
        found_VPN_ALL: "een VPN neemt alles wat deze computer verstuurt ({what})",
        found_PEER: "deze computer en {what} bereiken elkaar, in beide richtingen",
        found_PEER_ALONE: "of het netwerk apparaten van elkaar gescheiden houdt is nog niet bekend",
        found_PEER_NONE: "op {what} geeft niets antwoord",
        found_PEER_NOBODY: "van het andere apparaat is niets gehoord",
        found_PEER_ONE_WAY: "van deze computer en {what} bereikt maar één de ander",
        found_PEER_DEAF: "deze computer en {what} bereiken elkaar, maar horen elkaar niet roepen",
        found_WHISTLE: "het fluitje klinkt op ± {what} ms nauwkeurig",
        found_WHISTLE_ROUGH: "het fluitje klinkt maar op ± {what} ms nauwkeurig",
        found_WHISTLE_BAD: "het fluitje zit er ± {what} ms naast",
        found_WHISTLE_ALONE: "deze computer fluit binnen {what} ms op tijd",
        found_WHISTLE_BUSY: "deze computer is tot {what} ms te laat",
        advice_ADDRESS_NONE:
            "Verbind hem met de router, met een kabel of wifi, en controleer opnieuw. Staan "
            + "alle tafels op deze computer, dan hebben die geen netwerk nodig.",
        advice_ADDRESS_SELF_MADE:
            "De router geeft geen adressen uit: start hem opnieuw, of neem een andere.",
        advice_ADDRESS_CHANGED:
            "Tafels vinden de hub vanzelf terug. Adressen die iemand opschreef, en eerdere "
            + "QR-codes voor telefoons, gelden niet meer.",
        advice_BEACON_BUSY: "Sluit het, of vul bij de tafels het adres van deze computer in.",
        advice_BEACON_LOST:
            "Een firewall houdt het tegen: laat UDP-poort 7449 toe. Of vul bij de tafels het "
            + "adres van deze computer in.",
        advice_PORTS_BUSY:
            "Draait de hub hier al, dan hoort dat zo. Sluit anders het programma dat haar "
            + "heeft.",
        advice_PORTS_SHUT: "Een firewall houdt het tegen: laat TCP-poorten 7450 tot 7453 toe.",
        advice_FIREWALL_ON:
            "Laat UDP 7449, TCP 7450 tot 7453 en de poorten van tafels en pagina's toe; of "
            + "zet hem voor de middag uit. Controleer daarna met een tweede apparaat.",
        advice_VPN_UP:
            "Zet hem voor de middag uit, of zie erop toe dat hij het lokale netwerk met rust "
            + "laat.",
        advice_VPN_ALL:
            "Zet hem voor de middag uit: tafels zijn er misschien niet door te bereiken.",
        advice_PEER_ALONE: "Daar is een tweede apparaat voor nodig: zie hieronder.",
        advice_PEER_NONE:
            "Wacht het andere apparaat daar? Dan houdt het netwerk apparaten van elkaar "
            + "gescheiden, zoals gastenwifi vaak doet, of het zijn twee netwerken. Neem een "
            + "eigen router.",
        advice_PEER_NOBODY:
            "Was het gestart zoals gezegd, dan houdt het netwerk apparaten van elkaar "
            + "gescheiden, zoals gastenwifi vaak doet, of het zijn twee netwerken. Neem een "
            + "eigen router.",
        advice_PEER_ONE_WAY:
            "Op het apparaat dat niet wordt bereikt houdt een firewall het tegen: laat daar "
            + "TCP toe.",
        advice_PEER_DEAF:
            "Het netwerk houdt het roepen tegen: vul bij de tafels het adres van de hub in.",
        advice_WHISTLE_ROUGH: "Dichter bij de router, op 5 GHz of met een kabel wordt het beter.",
        advice_WHISTLE_BAD: "Het netwerk is traag of erg druk: neem een eigen router, of kabels.",
        advice_WHISTLE_BUSY: "Hij is druk: sluit andere programma's en sluit hem aan op het net.",
    },
};
