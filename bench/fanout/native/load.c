/* The load client: joins its members, then does what it is asked on stdin, a line of JSON for each answer.

   flood <events under way> <warm-up s> <window s>   sends the next event when earlier ones have reached everybody
   pace <events/s> <warm-up s> <window s>            sends evenly, whatever comes back
   drain                                             reads what slow members left, and says how many were cut off

   A run prints "begin" and "end" as its window does, so that whoever asked can look at the server's clock. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define MS 1000000LL
#define SECOND (1000 * MS)
#define MARK "fanout@"
/* Latencies are counted in steps of 10 us, up to 10 s. */
enum { TURN = 64, TOGETHER = 32, MARK_SIZE = sizeof MARK - 1, DIGITS = 19, STEP = 10000, BUCKETS = 1 << 20 };
static const int64_t JOIN_LIMIT = 60 * SECOND, QUIET = SECOND, STALLED = 3 * SECOND;

struct spec spec;
int poller;
static struct member members[MEMBERS];
static int next_sender;
static bool is_asked, is_measuring;
static int64_t moment, begun, last;
static long sent, delivered, counted, per_event, buckets[BUCKETS];

void seen(const uint8_t *text, size_t size)
{
    /* Events are alike, so the mark mostly stands where it stood before. */
    static size_t place;
    if (place + MARK_SIZE + DIGITS > size || memcmp(text + place, MARK, MARK_SIZE)) {
        const uint8_t *found = memmem(text, size, MARK, MARK_SIZE);
        if (!found || found + MARK_SIZE + DIGITS > text + size)
            return;
        place = found - text;
    }
    int64_t stamp = 0;
    for (int i = 0; i < DIGITS; i++)
        stamp = stamp * 10 + text[place + MARK_SIZE + i] - '0';
    if (stamp < begun)
        return;
    delivered++;
    last = moment;
    if (is_measuring) {
        int64_t bucket = (moment - stamp) / STEP;
        counted++;
        buckets[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    }
}

static double percentile(double share)
{
    long rank = counted * share, passed = 0;
    int i = 0;
    while (i < BUCKETS - 1 && (passed += buckets[i]) <= rank)
        i++;
    return (i + 0.5) * STEP / MS;
}

/* One turn of the loop: handle what comes, and wait for that until `until` at most. */
static void turn(int64_t until)
{
    struct epoll_event events[TURN];
    int64_t wait = until - now();
    wait = wait > 0 ? wait : 0;
    struct timespec timeout = {wait / SECOND, wait % SECOND};
    int got = epoll_pwait2(poller, events, TURN, &timeout, NULL);
    for (int i = 0; i < got; i++) {
        moment = now();
        if (events[i].data.ptr)
            member_handle(events[i].data.ptr, events[i].events);
        else
            is_asked = true;
    }
}

static int count_from(enum state first, enum state last_one)
{
    int count = 0;
    for (int i = 0; i < spec.members; i++)
        count += members[i].state >= first && members[i].state <= last_one;
    return count;
}

static void join_all(void)
{
    int next = 0;
    int64_t from = now(), interval = spec.within ? atof(spec.within) * SECOND / spec.members : 0;
    while (count_from(JOINED, GONE) < spec.members && now() < from + JOIN_LIMIT) {
        int joining = count_from(ASKING_SID, JOINING);
        while (next < spec.members && (spec.within ? now() >= from + next * interval : joining++ < TOGETHER)) {
            members[next].number = next;
            member_connect(&members[next++]);
        }
        turn(spec.within && next < spec.members ? from + next * interval : now() + 50 * MS);
    }
    int64_t until = now(), slowest = 0;
    for (int i = 0; i < spec.members; i++)
        if (members[i].joined - members[i].begun > slowest)
            slowest = members[i].joined - members[i].begun;
    printf("{\"failed\": %d, \"seconds\": %.3f, \"slowest\": %.2f}\n", spec.members - count_from(JOINED, SLOW),
           (double)(until - from) / SECOND, (double)slowest / MS);
}

static bool speak(void)
{
    int senders = spec.senders ? atoi(spec.senders) : spec.members;
    for (int tried = 0; tried < senders; tried++) {
        struct member *member = &members[next_sender++ % senders];
        if (member->state == JOINED) {
            member_speak(member);
            sent++;
            return true;
        }
    }
    return false;
}

/* Wait until everything has come, or nothing more comes. */
static void settle(void)
{
    last = now();
    while (now() < last + QUIET && (!per_event || delivered < sent * per_event))
        turn(last + QUIET);
}

static void start_run(void)
{
    memset(buckets, 0, sizeof buckets);
    sent = delivered = counted = per_event = 0;
    begun = now();
    /* The first event tells how many an event reaches: some servers leave out who sent it. */
    speak();
    settle();
    per_event = delivered ? delivered : 1;
    last = now();
}

static void load(bool is_paced, double amount, double warm, double seconds)
{
    start_run();
    long written_off = 0;
    double due = now(), interval = SECOND / amount;
    int64_t from = due + warm * SECOND, to = from + seconds * SECOND, time;
    clock_t used = 0;
    while ((time = now()) < to) {
        if (!is_measuring && time >= from) {
            is_measuring = true;
            used = clock();
            from = time;
            puts("begin");
        }
        if (time > last + STALLED) {
            written_off = sent * per_event - delivered;
            last = time;
        }
        while (is_paced ? due <= time : sent * per_event - delivered - written_off <= (amount - 1) * per_event) {
            due += interval;
            if (!speak())
                break;
        }
        int64_t next = is_paced ? due : time + 50 * MS, edge = is_measuring ? to : from;
        turn(next < edge ? next : edge);
    }
    is_measuring = false;
    used = clock() - used;
    puts("end");
    settle();
    printf("{\"deliveries\": %ld, \"seconds\": %.4f, \"cpu\": %.4f, \"p50\": %.3f, \"p99\": %.3f, \"per_event\": %ld, "
           "\"sent\": %ld, \"lost\": %ld, \"gone\": %d}\n",
           counted, (double)(time - from) / SECOND, (double)used / CLOCKS_PER_SEC, percentile(0.5), percentile(0.99),
           per_event, sent, sent * per_event - delivered, count_from(GONE, GONE));
}

static void drain(void)
{
    int64_t until = now() + 3 * SECOND;
    int slow = count_from(SLOW, SLOW);
    for (int i = 0; i < spec.members; i++)
        if (members[i].state == SLOW)
            member_wake(&members[i]);
    while (now() < until)
        turn(until);
    printf("{\"cut\": %d}\n", slow - count_from(SLOW, SLOW));
}

static void obey(const char *line)
{
    double amount = 0, warm = 0, seconds = 0;
    int got = sscanf(line, "%*s %lf %lf %lf", &amount, &warm, &seconds);
    if (!strncmp(line, "drain", 5))
        drain();
    else if (got == 3 && amount > 0)
        load(*line == 'p', amount, warm, seconds);
    else
        fprintf(stderr, "load: cannot do this: %s", line);
}

int main(int argc, char **argv)
{
    static char line[256];
    if (argc != 2)
        return fprintf(stderr, "usage: load <spec>\n"), 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    spec_read(argv[1]);
    poller = epoll_create1(0);
    join_all();
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &commands))
        return perror("load: stdin"), 1;
    for (;;) {
        turn(now() + SECOND);
        if (is_asked && !fgets(line, sizeof line, stdin))
            return 0;
        if (is_asked)
            obey(line);
        is_asked = false;
    }
}
