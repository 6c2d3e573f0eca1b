// Why the home page's requests are refused, by the words of node/home/home_do.c.
export default {
    en: {
        "that name is taken; choose another": "that name is taken; choose another",
        "that is not how it ends": "that is not how it ends",
        "it runs already": "it runs already",
        "it does not run yet": "it does not run yet",
        "it does not run now": "it does not run now",
        "it gave no link; try again in a moment": "it gave no link; try again in a moment",
        "that is no code": "that is no code",
        "that is no address": "that is no address",
        "a rehearsal runs already": "a rehearsal runs already",
        "a workshop has 1 to 100 tables": "a workshop has 1 to 100 tables",
        "this workshop's recovery key was shown before, and is nowhere else":
            "this workshop's recovery key was shown before, and is nowhere else",
        "too much runs already; stop something first":
            "too much runs already; stop something first",
        "too much at once; wait until something has ended":
            "too much at once; wait until something has ended",
        "write down the recovery keys of the workshops made before, first":
            "write down the recovery keys of the workshops made before, first",
        "phones are not let in here, or there is no network":
            "phones are not let in here, or there is no network",
    },
    nl: {
        "that name is taken; choose another": "Die naam is al gebruikt; kies een andere.",
        "that is not how it ends": "Dat is niet het einde van de sleutel.",
        "it runs already": "Het loopt al.",
        "it does not run yet": "Het loopt nog niet.",
        "it does not run now": "Het loopt nu niet.",
        "it gave no link; try again in a moment": "Er kwam geen link; probeer het zo opnieuw.",
        "that is no code": "Dat is geen code.",
        "that is no address": "Dat is geen adres.",
        "a rehearsal runs already": "Er loopt al een oefening.",
        "a workshop has 1 to 100 tables": "Een workshop heeft 1 tot 100 tafels.",
        "this workshop's recovery key was shown before, and is nowhere else":
            "De herstelsleutel van deze workshop is eerder getoond en staat nergens anders.",
        "too much runs already; stop something first": "Er loopt al te veel; stop eerst iets.",
        "too much at once; wait until something has ended":
            "Te veel tegelijk; wacht tot er iets klaar is.",
        "write down the recovery keys of the workshops made before, first":
            "Schrijf eerst de herstelsleutels op van de workshops die u eerder maakte.",
        "phones are not let in here, or there is no network":
            "Telefoons worden hier niet toegelaten, of er is geen netwerk.",
    },
};
