/* What this machine can do at most: an epoll server with one room, where everybody gets all that anybody sends.

   `limit <port> each` makes one send() a delivery; `limit <port> batch` gathers what came in one turn of the loop and
   makes one send() a member. It has just what the load client needs: no check of the handshake, no rooms, and it
   waits for whoever does not read. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

enum { MEMBERS = 4096, TURN = 256, IN_MAX = 1 << 14, OUT_MAX = TURN * IN_MAX * 2 };

struct member {
    int fd;
    bool is_joined;
    size_t size;
    uint8_t in[IN_MAX];
};

/* The accept key is that of one fixed key, which the load client sends. */
static const char WELCOME[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x06joined";

/* Who has left keeps a place, and gets nothing. */
static struct member members[MEMBERS];
static int count, poller;
static bool is_batching;
static uint8_t out[OUT_MAX];
static size_t out_size;

static void leave(struct member *member)
{
    member->is_joined = false;
    close(member->fd);
}

static void deliver(struct member *member, const void *data, size_t size)
{
    if (member->is_joined && send(member->fd, data, size, MSG_NOSIGNAL) < 0)
        leave(member);
}

static void deliver_out(void)
{
    for (int i = 0; i < count && out_size; i++)
        deliver(&members[i], out, out_size);
    out_size = 0;
}

static void broadcast(const struct frame *frame)
{
    out_size += frame_head(out + out_size, TEXT, frame->length, 0);
    memcpy(out + out_size, frame->payload, frame->length);
    out_size += frame->length;
    if (!is_batching)
        deliver_out();
}

static void receive(struct member *member)
{
    struct frame frame;
    size_t done = 0, step;
    ssize_t got = recv(member->fd, member->in + member->size, IN_MAX - member->size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        leave(member);
        return;
    }
    member->size += got > 0 ? got : 0;
    if (!member->is_joined && memmem(member->in, member->size, "\r\n\r\n", 4)) {
        member->size = 0;
        member->is_joined = true;
        deliver(member, WELCOME, sizeof WELCOME - 1);
    }
    while (member->is_joined && (step = frame_read(member->in + done, member->size - done, &frame))) {
        done += step;
        if (frame.opcode == TEXT)
            broadcast(&frame);
    }
    member->size -= done;
    memmove(member->in, member->in + done, member->size);
}

static void let_in(int door)
{
    int fd = accept(door, NULL, NULL), on = 1;
    if (fd < 0 || count == MEMBERS)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    members[count].fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &members[count++]};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static int open_door(int port)
{
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int door = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, 1024)) {
        perror("limit");
        exit(1);
    }
    epoll_ctl(poller, EPOLL_CTL_ADD, door, &event);
    return door;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return fprintf(stderr, "usage: limit <port> each|batch\n"), 2;
    poller = epoll_create1(0);
    is_batching = !strcmp(argv[2], "batch");
    int door = open_door(atoi(argv[1]));
    for (;;) {
        struct epoll_event events[TURN];
        int got = epoll_wait(poller, events, TURN, -1);
        for (int i = 0; i < got; i++) {
            if (events[i].data.ptr)
                receive(events[i].data.ptr);
            else
                let_in(door);
        }
        deliver_out();
    }
}
