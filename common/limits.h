/* limits.h: every bound in fluit, in one place. PROTOCOL.md "Limits" repeats those a peer can see.
 */
#ifndef FLUIT_LIMITS_H
#define FLUIT_LIMITS_H

/* People and things in a workshop. */
#define FLUIT_NODES_MAX      256 /* nodes in a roster */
#define FLUIT_TABLES_MAX     100 /* table numbers 1..100 */
#define FLUIT_SEATS_MAX      12  /* seats at a table, 1.. */
#define FLUIT_ROUNDS_MAX     8   /* card rounds in a script, 1..; 0 is outside the rounds */
#define FLUIT_LANGS_MAX      4
#define FLUIT_CATEGORIES_MAX 16
#define FLUIT_CARDS_MAX      128 /* kinds of card over all decks */
#define FLUIT_BLANKS_MAX     24  /* blank cards a table may write in a round */
#define FLUIT_COPIES_MAX     4
#define FLUIT_SIDES_MAX      4
#define FLUIT_ZONES_MAX      4 /* beside the sides */
#define FLUIT_DEGREES_MAX    5
#define FLUIT_ROLES_MAX      8
#define FLUIT_STEPS_MAX      64
#define FLUIT_QUESTIONS_MAX  32   /* in one step */
#define FLUIT_OPTIONS_MAX    12   /* choices of a poll */
#define FLUIT_HANDS_MAX      9999 /* raised hands that are counted */
#define FLUIT_GROUPS_MAX     8
#define FLUIT_ID_LEN_MAX     40   /* bytes of an id in a script, a-z 0-9 - */
#define FLUIT_TEXT_LEN_MAX   8000 /* bytes of one why, note, answer or message */
#define FLUIT_SCRIPT_LEN_MAX 131072
#define FLUIT_NAME_LEN_MAX   200 /* bytes of a one-line name or title in a script */
#define FLUIT_YAML_NODES_MAX 16384
#define FLUIT_YAML_DEPTH_MAX 16
#define FLUIT_DURATION_MAX_S 43200 /* of a step in a script */
#define FLUIT_LINKS_MAX      512   /* cards linked on one board */
#define FLUIT_NOTES_MAX      4096  /* revisions of notes a table may hold */
#define FLUIT_ANSWERS_MAX    4096
/* Photos of paper boards, of one table. */
#define FLUIT_PHOTOS_MAX         4     /* of one round */
#define FLUIT_PHOTO_PARTS_MAX    18    /* entries of one photo: 588600 bytes */
#define FLUIT_PHOTO_PART_LEN_MAX 32700 /* bytes in one: it fills its bucket */
#define FLUIT_PHOTO_PARTS_KEPT   1024  /* of all rounds, those taken back included */
#define FLUIT_PHOTO_SIDE_MAX     4096  /* pixels */
#define FLUIT_MARKS_MAX          8     /* pending marks in a plan */
#define FLUIT_MOVES_MAX          64    /* moves of one card that are counted */
#define FLUIT_RELEASES_MAX       4096  /* notes released or held back */
#define FLUIT_HEAP_LEN_MAX       200   /* bytes of the name of a heap of notes */
#define FLUIT_MESSAGES_MAX       256   /* messages kept, the newest */
#define FLUIT_IGNORED_MAX        4096  /* ignored acts that are counted */
/* Card copies and blank cards of one board. */
#define FLUIT_BOARD_CARDS_MAX (FLUIT_CARDS_MAX * FLUIT_COPIES_MAX + FLUIT_BLANKS_MAX)

/* Entries and frames. */
#define FLUIT_PAYLOAD_MAX        196608 /* sealed bytes of one entry */
#define FLUIT_BATCH_ENTRIES_MAX  64
#define FLUIT_BATCH_LEN_MAX      262144  /* payload bytes in one batch, but for a single entry */
#define FLUIT_MESSAGE_MAX        1048576 /* bytes of one ZeroMQ message */
#define FLUIT_DOOR_MESSAGE_MAX   65535   /* Noise's own limit */
#define FLUIT_ROSTER_LEN_MAX     65536   /* bytes that root signs */
#define FLUIT_NEST_MAX           8       /* depth of a msgpack value */
#define FLUIT_VALUES_MAX         32768   /* values in one, arrays and what is in them */
#define FLUIT_ENDPOINT_LEN_MAX   255     /* bytes of "tcp://host:port" */
#define FLUIT_SOFTWARE_LEN_MAX   64      /* bytes of a node's name and version of its software */
#define FLUIT_HEADS_MAX          1024    /* heads in one message */
#define FLUIT_FEEDS_PER_NODE_MAX 32      /* incarnations of one key */
#define FLUIT_FEEDS_MAX          1024
#define FLUIT_WANTS_MAX          64    /* ranges in one WANT */
#define FLUIT_DAMAGED_MAX        64    /* damaged entries of a feed that are known at a time */
#define FLUIT_UNFLIP_LEN_MAX     1024  /* bytes in which one wrong bit is looked for: 10 ms */
#define FLUIT_STANZAS_MAX        64    /* readers in one key entry */
#define FLUIT_KEYS_MAX           4096  /* content keys a node holds */
#define FLUIT_GRANTS_MAX         65536 /* stanzas of our own that we remember */
#define FLUIT_KEYS_OF_ONE_MAX    96    /* keys that are taken from one member's feeds */
#define FLUIT_PEERS_MAX          3     /* peers a node pulls from, beside the hub */
#define FLUIT_HOLD_ALL_MAX       64    /* members up to which everyone holds everything */
#define FLUIT_HOLDERS_MAX        8     /* nodes of other tables that hold a feed beyond that */
#define FLUIT_TERMS_MAX          64    /* terms remembered, the highest */
#define FLUIT_DOORS_MAX          8     /* doors that a joiner tries in turn */
#define FLUIT_STANDBYS_MAX       4     /* hubs and standbys linked to, beside who leads */
#define FLUIT_LEADERS_MAX        6     /* hub, recovery key and standbys: each has its mark ids */
#define FLUIT_LIVE_ENTRIES_MAX   8     /* of an answer that a hub passes on unasked */
#define FLUIT_LINKS_LIVE_MAX     1024  /* live connections of one node */

/* The latest time, and with a minus the earliest, in an entry: 285 years, and sums of a few never
 * overflow. */
#define FLUIT_TIME_MAX_US 9007199254740991 /* 2^53 - 1 */

/* Times, in microseconds. */
#define FLUIT_MESH_US_MAX        253402300800000000 /* mesh time is above 0 and at most this */
#define FLUIT_STEP_US_MAX        86400000000        /* what may be left of a step: a day */
#define FLUIT_HEARTBEAT_US       1000000            /* digest to every link, */
#define FLUIT_PEER_RETURN_US     30000000           /* a peer that did not answer: try it again */
#define FLUIT_HUB_HEARD_US       1500000  /* silent for longer: it may be gone, beat to peers */
#define FLUIT_PEER_BEATS         5        /* but to peers every so often while the hub is here */
#define FLUIT_ACK_WAIT_US        250000   /* own entries unacknowledged: say so on the link */
#define FLUIT_GRANT_LATE_US      10000000 /* an author that gave a reader no key: who leads does */
#define FLUIT_WANT_WAIT_US       1000000  /* unanswered WANT: ask again, maybe elsewhere */
#define FLUIT_REDIAL_US          3000000  /* a link that does not come up: try elsewhere */
#define FLUIT_LINK_DEAD_US       5000000  /* silent link: not here */
#define FLUIT_OWN_COPY_WAIT_US   3000000  /* restart: wait for our own feed's longest copy */
#define FLUIT_OWN_COPY_GRACE_US  300000   /* a hub: after the first answer, for the others' */
#define FLUIT_LEAD_BOUND_US      20000    /* a hub that is less sure of mesh time asks on */
#define FLUIT_MARK_LEAD_US       3000000  /* hub schedules a start this far ahead */
#define FLUIT_ARM_LEAD_US        2000000  /* armed is saved this long before the mark */
#define FLUIT_MARK_LATE_US       500000   /* later than this a mark is shown, not sounded */
#define FLUIT_PHOTO_GAP_US       500000   /* between parts of photos: other entries go first */
#define FLUIT_PHOTO_QUIET_US     3000000  /* before a whistle no part is taken */
#define FLUIT_CLOCK_PERIOD_US    2000000
#define FLUIT_CLOCK_BURST        8 /* exchanges at join */
#define FLUIT_CLOCK_BURST_GAP_US 20000
#define FLUIT_CLOCK_DRIFT_PPM    200 /* worst drift assumed of any clock */
#define FLUIT_DOOR_RETRY_US      1000000
#define FLUIT_DOOR_TRIES_PER_MIN 30 /* wrong codes a minute before the door waits */
#define FLUIT_INVITE_VALID_S     (30 * 24 * 3600)

/* Pages. */
#define FLUIT_HTTP_CONNECTIONS_MAX         320 /* of one node */
#define FLUIT_HTTP_CLIENTS_MAX             256 /* of them that wait for views */
#define FLUIT_HTTP_REQUESTS_MAX            64  /* under way at once */
#define FLUIT_HTTP_PHONES_MAX              64  /* phones at one node */
#define FLUIT_HTTP_PHONE_CONNECTIONS_MAX   256 /* of a node's phones, */
#define FLUIT_HTTP_ADDRESS_CONNECTIONS_MAX 64  /* and of one address */
#define FLUIT_HTTP_HOST_LEN                260 /* a host in a link */
#define FLUIT_HTTP_ASKED_MAX               8   /* of them by one page */
#define FLUIT_HTTP_PHONES_ASKED_MAX        48  /* of them by phones, */
#define FLUIT_HTTP_STRANGERS_MAX           16  /* and for a session */
#define FLUIT_HTTP_LINKS_MAX               4 /* one-time links not used yet; the oldest gives way */
#define FLUIT_HTTP_STALL_S                 15       /* a client that takes nothing is dropped */
#define FLUIT_HTTP_ANSWERS_MAX             64       /* answers kept for requests that come twice, */
#define FLUIT_HTTP_ANSWERS_LEN_MAX         262144   /* and bytes of them */
#define FLUIT_HTTP_ONCE_LEN_MAX            64       /* bytes of an Idempotency-Key */
#define FLUIT_CONTROL_SILENT_US            30000000 /* then the lead may be taken from a page */
#define FLUIT_HTTP_BEAT_US                 5000000
#define FLUIT_HTTP_VIEW_GAP_US             33000 /* between views */

/* The beacon. */
#define FLUIT_BEACON_PORT          7449 /* UDP, the same for all workshops */
#define FLUIT_BEACON_ADDRESSES_MAX 8    /* in one beacon */
#define FLUIT_BEACON_LEN_MIN       136  /* bytes of a beacon with one IPv4 address */
#define FLUIT_BEACON_LEN_MAX       267  /* bytes of a beacon with eight IPv6 addresses */
#define FLUIT_BEACON_LOOKS_MAX     20   /* signatures of beacons checked in a second */
#define FLUIT_BEACON_GAP_US        2000000
#define FLUIT_BEACON_AGE_MAX_US    60000000 /* further from mesh time a beacon is not heeded */
#define FLUIT_BEACONS_TURN_MAX     16       /* datagrams taken in one turn of the loop */

/* The mesh clock: what it believes and what it keeps. */
#define FLUIT_CLOCK_SAMPLES        64
#define FLUIT_CLOCK_WANDER_PPM     2           /* a clock's rate stays this near its mean */
#define FLUIT_CLOCK_SAMPLE_AGE_US  1800000000  /* older answers are dropped */
#define FLUIT_CLOCK_RTT_MAX_US     4000000     /* a longer round trip says too little */
#define FLUIT_CLOCK_BOUND_MAX_US   86400000000 /* who is less sure than a day is no server */
#define FLUIT_CLOCK_TIME_MAX_US    1152921504606846976 /* 2^60: no time is further from 0 */
#define FLUIT_CLOCK_STRANGE_COUNT  4                   /* contradictions in a row, and */
#define FLUIT_CLOCK_STRANGE_US     5000000             /* for how long, until they are believed */
#define FLUIT_CLOCK_BEFORE_MARK_US 3000000             /* a burst begins this long before a mark */

/* A node's own doors and windows. */
#define FLUIT_LINE_LEN_MAX     16384   /* bytes of one console line */
#define FLUIT_CONSOLE_OUT_MAX  262144  /* printed bytes that wait for a slow reader */
#define FLUIT_SOCKETS_MAX      32      /* sockets of one node */
#define FLUIT_DOOR_LINKS_MAX   256     /* unauthenticated joiners remembered at the door */
#define FLUIT_ROUTING_ID_MAX   32      /* libzmq's own are 5 bytes; ours are never set */
#define FLUIT_SEND_QUEUE_MAX   2000    /* messages waiting for one peer */
#define FLUIT_RECV_QUEUE_MAX   200     /* messages from one peer waiting for us */
#define FLUIT_DOOR_QUEUE_MAX   4       /* the same at the door, where anyone may knock */
#define FLUIT_TURN_EVENTS_MAX  256     /* events in one turn of the loop */
#define FLUIT_TURN_EFFECTS_MAX 1048576 /* bytes of effects after which a turn ends */
#define FLUIT_FILES_MAX        4096    /* file descriptors asked of the system */
#define FLUIT_QUIET_US         3000    /* before a mark: no disk, no network */
#define FLUIT_QUIET_MAX_US     200000  /* the same on a machine whose disk is slow; and no pages */
#define FLUIT_QUIET_AFTER_US   3000    /* after a mark: others on this machine sound it, too */
#define FLUIT_IDLE_US          1000000 /* the loop looks at the clock at least this often */
#define FLUIT_REQUEST_LEN_MAX  65536   /* bytes of what a page asks for: a text in \u escapes */
#define FLUIT_FLUSH_US         500000  /* on quit: time given to what was already sent */

/* What a page is shown. */
#define FLUIT_VIEW_LEN_MAX      1048576 /* bytes of one view, whatever was written */
#define FLUIT_VIEW_TEXT_MAX     98304   /* bytes of people's texts in one; those beyond are cut */
#define FLUIT_VIEW_CUT_LEN      60      /* bytes left of one that is cut */
#define FLUIT_VIEW_NOTES_MAX    1000    /* notes of a table, the newest */
#define FLUIT_VIEW_ANSWERS_MAX  1000    /* answers of a table */
#define FLUIT_VIEW_MESSAGES_MAX 10      /* messages of the hub, the newest */
#define FLUIT_VIEW_SHOWN_MAX    500     /* words released to the room */
#define FLUIT_VIEW_RANKED_MAX   10      /* cards of a ranking */
#define FLUIT_WHISTLED_KEPT     8       /* whistles of a node that its page shows, the newest */

#endif
