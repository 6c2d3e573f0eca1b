/* sim_faults.h: what goes wrong, from the seed.
 *
 * A class of fault is a row here and, if it comes by chance, one in sim_faults.c with its weight
 * and the function that makes it happen. It counts when it takes effect: a disk that was to fail
 * at its fourth write, when that write failed. */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "tests/sim/sim_node.h"

#define SIM_FAULTS(X)                                                                              \
    X(CRASH, "crash")                                                                              \
    X(CRASH_BEFORE_COMMIT, "crash before a commit")                                                \
    X(CRASH_AFTER_COMMIT, "crash after a commit")                                                  \
    X(CRASH_HALF_SENT, "crash, half is sent")                                                      \
    X(CRASH_AT_MARK, "crash at a mark, not saved")                                                 \
    X(CRASH_AFTER_MARK, "crash at a mark, saved")                                                  \
    X(REBOOT, "reboot")                                                                            \
    X(PARTITION, "cut off")                                                                        \
    X(PARTITION_IN, "cut off one way, in")                                                         \
    X(PARTITION_OUT, "cut off one way, out")                                                       \
    X(FLAPPING, "flapping")                                                                        \
    X(GROUP_CUT, "a third cut off")                                                                \
    X(CHAOS, "messages lost, doubled, late")                                                       \
    X(SLOW_NET, "slow network")                                                                    \
    X(DISCONNECT, "connections break")                                                             \
    X(FREEZE, "process frozen")                                                                    \
    X(SUSPEND, "machine suspended")                                                                \
    X(WALL_JUMP, "wall clock jumps")                                                               \
    X(DRIFT, "oscillator off by over 100 ppm")                                                     \
    X(DISK_WRITE, "a write fails")                                                                 \
    X(DISK_COMMIT, "a commit fails")                                                               \
    X(DISK_FULL, "disk full")                                                                      \
    X(DISK_SLOW, "slow disk")                                                                      \
    X(DISK_PUT_BACK, "disk put back to a backup")                                                  \
    X(DISK_DESTROYED, "disk destroyed, device replaced")                                           \
    X(TAKEOVER, "takeover, the hub comes back")                                                    \
    X(TWO_HUBS, "two hubs lead apart")                                                             \
    X(HUB_GONE, "takeover, the hub is lost")                                                       \
    X(ROT, "a bit of the disk flips")                                                              \
    X(TWIN, "disk copied, two of one identity")                                                    \
    X(LATE_JOINER, "joins after the first round began")                                            \
    X(LOAD, "ten times as busy")                                                                   \
    X(STORM, "30 faults at once")

enum sim_fault {
#define SIM_FAULT_ENUM(name, text) SIM_FAULT_##name,
    SIM_FAULTS(SIM_FAULT_ENUM)
#undef SIM_FAULT_ENUM
    SIM_FAULT_COUNT
};

struct sim_faults {
    int64_t mean_us; /* between faults */
    uint32_t hits[SIM_FAULT_COUNT];
    int64_t again_us; /* who crashed is started after this; 0: by chance */
    int64_t net_us;   /* until then the whole network is disturbed */
    bool over;
};

const char *sim_fault_text(enum sim_fault fault);
/* One of that class took effect. */
void sim_hit(struct sim *sim, enum sim_fault fault);

void sim_faults_init(struct sim *sim);
/* Does the power fail right after a whistle, and how? */
enum sim_doom sim_faults_at_mark(struct sim *sim);
/* Many at once. */
void sim_faults_storm(struct sim *sim);
/* No more; what was broken is mended and who was off is started. */
void sim_faults_end(struct sim *sim);

/* The classes, by where they strike. Each does it to a node, or to more, and says whether it could.
 * sim_faults_process.c: */
bool sim_fault_crash(struct sim *sim, uint32_t at);
bool sim_fault_doom(struct sim *sim, uint32_t at);
bool sim_fault_reboot(struct sim *sim, uint32_t at);
bool sim_fault_freeze(struct sim *sim, uint32_t at);
bool sim_fault_suspend(struct sim *sim, uint32_t at);
bool sim_fault_wall_jump(struct sim *sim, uint32_t at);
/* sim_faults_net.c: */
bool sim_fault_partition(struct sim *sim, uint32_t at);
bool sim_fault_flapping(struct sim *sim, uint32_t at);
bool sim_fault_group_cut(struct sim *sim, uint32_t at);
bool sim_fault_chaos(struct sim *sim, uint32_t at);
bool sim_fault_slow_net(struct sim *sim, uint32_t at);
bool sim_fault_disconnect(struct sim *sim, uint32_t at);
/* sim_faults_disk.c: */
bool sim_fault_disk_write(struct sim *sim, uint32_t at);
bool sim_fault_disk_commit(struct sim *sim, uint32_t at);
bool sim_fault_disk_full(struct sim *sim, uint32_t at);
bool sim_fault_disk_slow(struct sim *sim, uint32_t at);
/* sim_disk.c: */
bool sim_fault_put_back(struct sim *sim, uint32_t at);
bool sim_fault_destroy(struct sim *sim, uint32_t at);
bool sim_fault_twin(struct sim *sim, uint32_t at);

/* sim_take.c: */
bool sim_fault_takeover(struct sim *sim, uint32_t at);
bool sim_fault_two_hubs(struct sim *sim, uint32_t at);
bool sim_fault_hub_gone(struct sim *sim, uint32_t at);
bool sim_fault_rot(struct sim *sim, uint32_t at);

/* The node, if a process runs there. */
static inline struct sim_node *sim_fault_victim(struct sim_node *nodes, uint32_t at)
{
    return nodes[at].core ? &nodes[at] : NULL;
}

#endif
