/* One connection of the load client: its handshake, the steps of its joining, its frames. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"
#include "load.h"

/* The largest frame that may come, how much is read at once, and what the socket of a slow member takes in. */
enum { FRAME_MAX = 2 << 20, CHUNK = 1 << 18, SLOW_BUFFER = 1 << 16, FILLED = LINE * 2 };

int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int is_slow(const struct member *member)
{
    return spec.slow && member->number >= spec.members - atoi(spec.slow);
}

static void watch(struct member *member, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = member};
    epoll_ctl(poller, operation, member->fd, &event);
}

static void leave(struct member *member)
{
    close(member->fd);
    free(member->kept);
    member->kept = NULL;
    member->kept_size = 0;
    member->state = GONE;
}

/* Put the member's own values where the template names them; return the size. */
static size_t fill(const struct member *member, const char *template, char *text)
{
    char stamp[20], *to = text;
    snprintf(stamp, sizeof stamp, "%019lld", (long long)now());
    const char *names[] = {"{room}", "{token}", "{sid}", "{stamp}"};
    const char *values[] = {spec.rooms[member->number], spec.tokens[member->number], member->sid, stamp};
    while (*template) {
        int i = 0;
        while (i < 4 && (*template != '{' || strncmp(template, names[i], strlen(names[i]))))
            i++;
        if (i == 4) {
            *to++ = *template++;
        } else {
            to = stpcpy(to, values[i]);
            template += strlen(names[i]);
        }
    }
    *to = 0;
    return to - text;
}

/* A server that does not take even what a socket holds has failed this member. */
static void write_all(struct member *member, const void *data, size_t size)
{
    if (send(member->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
        leave(member);
}

static void say(struct member *member, int opcode, const void *text, size_t size)
{
    static uint8_t frame[HEAD_MAX + FILLED];
    size_t head = frame_head(frame, opcode, size, FROM_CLIENT);
    memcpy(frame + head, text, size);
    write_all(member, frame, head + size);
}

static void say_filled(struct member *member, const char *template)
{
    static char text[FILLED];
    say(member, TEXT, text, fill(member, template, text));
}

void member_speak(struct member *member)
{
    say_filled(member, spec.event);
}

/* Say what is to be said until something has to come first; after the last step the member has joined. */
static void go_on(struct member *member)
{
    while (member->step < spec.step_count && *spec.steps[member->step] == 's')
        say_filled(member, spec.steps[member->step++] + 1);
    if (member->step < spec.step_count || member->state == GONE)
        return;
    member->joined = now();
    member->state = is_slow(member) ? SLOW : JOINED;
    if (member->state == SLOW)
        watch(member, EPOLL_CTL_DEL, 0);
}

static void take(struct member *member, const struct frame *frame)
{
    if (frame->opcode == PING)
        say(member, PONG, frame->payload, frame->length);
    if (frame->opcode != TEXT)
        return;
    if (spec.ping && frame->length == strlen(spec.ping) && !memcmp(frame->payload, spec.ping, frame->length)) {
        say(member, TEXT, spec.pong, strlen(spec.pong));
    } else if (member->state == JOINED) {
        seen(frame->payload, frame->length);
    } else if (member->state == JOINING) {
        const char *wanted = spec.steps[member->step] + 1;
        if (!memmem(frame->payload, frame->length, wanted, strlen(wanted)))
            return;
        member->step++;
        go_on(member);
    }
}

static void request(struct member *member)
{
    static char path[FILLED], protocols[FILLED], head[FILLED * 3];
    int is_upgrade = member->state == UPGRADING, has_protocols = is_upgrade && spec.protocols;
    fill(member, is_upgrade ? spec.path : spec.sid_path, path);
    fill(member, has_protocols ? spec.protocols : "", protocols);
    int size = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n%s%s%s%s\r\n", path, spec.port,
                        is_upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                   : "Connection: close\r\n",
                        has_protocols ? "Sec-WebSocket-Protocol: " : "", protocols, has_protocols ? "\r\n" : "");
    write_all(member, head, size);
}

/* Take the session's id out of the answer of a first poll, and open a WebSocket for it as its clients do. */
static void take_sid(struct member *member, uint8_t *data, size_t size)
{
    static const char name[] = "\"sid\":\"";
    uint8_t *begun = memmem(data, size, name, sizeof name - 1);
    begun = begun ? begun + sizeof name - 1 : NULL;
    uint8_t *end = begun ? memchr(begun, '"', data + size - begun) : NULL;
    if (!end || (size_t)(end - begun) >= sizeof member->sid)
        return;
    memcpy(member->sid, begun, end - begun);
    leave(member);
    member_connect(member);
}

/* Read the answer to the handshake; return its size, or 0 while it is not whole. */
static size_t take_answer(struct member *member, uint8_t *data, size_t size)
{
    uint8_t *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (memcmp(data, "HTTP/1.1 101", 12)) {
        fprintf(stderr, "load: a handshake was refused: %.*s\n", (int)(end - data), (char *)data);
        leave(member);
        return 0;
    }
    member->state = JOINING;
    go_on(member);
    return end + 4 - data;
}

/* Handle what is whole; return how much of `data` that was. */
static size_t take_all(struct member *member, uint8_t *data, size_t size)
{
    struct frame frame;
    size_t done = member->state == UPGRADING ? take_answer(member, data, size) : 0, step;
    while (member->state >= JOINING && member->state < GONE && (step = frame_read(data + done, size - done, &frame))) {
        done += step;
        take(member, &frame);
    }
    return done;
}

/* Only what is incomplete is kept by each member, so that all share one buffer, which stays in the cache. */
static void receive(struct member *member)
{
    static uint8_t data[FRAME_MAX + CHUNK];
    if (member->kept_size)
        memcpy(data, member->kept, member->kept_size);
    ssize_t got = recv(member->fd, data + member->kept_size, CHUNK, MSG_DONTWAIT);
    size_t size = member->kept_size + (got > 0 ? got : 0);
    if (got == 0 || (got < 0 && errno != EAGAIN) || size > FRAME_MAX) {
        leave(member);
        return;
    }
    if (member->state == ASKING_SID) {
        take_sid(member, data, size);
        size = member->state == ASKING_SID ? size : 0;
    }
    size_t done = take_all(member, data, size);
    if (member->state == GONE || size - done + member->kept_size == 0)
        return;
    member->kept_size = size - done;
    member->kept = realloc(member->kept, member->kept_size + 1);
    memcpy(member->kept, data + done, member->kept_size);
}

void member_connect(struct member *member)
{
    struct sockaddr_in address = {AF_INET, htons(atoi(spec.port)), {htonl(INADDR_LOOPBACK)}, {0}};
    int on = 1, little = SLOW_BUFFER;
    member->begun = member->begun ? member->begun : now();
    member->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (is_slow(member))
        setsockopt(member->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    member->state = spec.sid_path && !*member->sid ? ASKING_SID : UPGRADING;
    connect(member->fd, (struct sockaddr *)&address, sizeof address);
    watch(member, EPOLL_CTL_ADD, EPOLLOUT);
}

void member_wake(struct member *member)
{
    watch(member, EPOLL_CTL_ADD, EPOLLIN);
}

void member_handle(struct member *member, uint32_t events)
{
    if (events & EPOLLOUT) {
        watch(member, EPOLL_CTL_MOD, EPOLLIN);
        request(member);
    } else {
        receive(member);
    }
}
