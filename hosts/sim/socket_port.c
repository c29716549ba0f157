/*
 * The device port "socket" (services/api/socket.ts): one non-blocking TCP connection of its owner.
 *
 * Writes are kept as messages until the peer has taken them, so that the port's mailbox is the back-pressure; nothing is
 * read from the peer while the owner's mailbox is full. Names were resolved before: only numeric addresses come here.
 */
#include "worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

void socket_begin(sim_node *node)
{
	memset(&node->socket, 0, sizeof(node->socket));
	node->socket.descriptor = -1;
	node->socket.service = -1;
}

static void watch(sim_node *node, uint32_t events)
{
	if (node->socket.descriptor == -1 || node->socket.events == events)
		return;
	node->socket.events = events;
	worker_watch(node, events, false);
}

static void watch_as_needed(sim_node *node)
{
	sim_socket *of = &node->socket;
	uint32_t events = 0;
	if (of->is_connecting || of->write_count)
		events |= EPOLLOUT;
	if (!of->is_connecting && lugh_node_room(node->node, of->service))
		events |= EPOLLIN;
	watch(node, events);
}

static void drop_writes(sim_node *node)
{
	sim_socket *of = &node->socket;
	while (of->write_count) {
		lugh_node_release(node->node, of->writes[of->first_write].token);
		of->first_write = (of->first_write + 1) % SOCKET_WRITES;
		of->write_count--;
	}
	of->write_offset = 0;
}

static void close_with(sim_node *node, const char *reason)
{
	sim_socket *of = &node->socket;
	if (of->descriptor != -1)
		close(of->descriptor);
	of->descriptor = -1;
	of->events = 0;
	of->is_connecting = of->owes_opened = false;
	of->owes_closed = true;
	snprintf(of->reason, sizeof(of->reason), "%s", reason);
	drop_writes(node);
	socket_settle(node);
}

/* Tells the owner what its mailbox had no room for. */
static bool tell(sim_node *node, const char *type, const char *reason)
{
	uint8_t body[160];
	lugh_cbor_writer writer;
	lugh_cbor_writer_begin(&writer, body, sizeof(body));
	lugh_cbor_put_map(&writer, reason ? 2 : 1);
	if (reason) {
		lugh_cbor_put_text(&writer, "reason");
		lugh_cbor_put_text(&writer, reason);
	}
	lugh_cbor_put_text(&writer, "connection");
	lugh_cbor_put_int(&writer, node->socket.connection);
	if (!lugh_node_send(node->node, node->socket.service, type, LUGH_HIGH, body, writer.length))
		return false;
	worker_wake(node, worker_now());
	return true;
}

void socket_settle(sim_node *node)
{
	sim_socket *of = &node->socket;
	if (of->owes_opened && tell(node, "opened", NULL))
		of->owes_opened = false;
	if (of->owes_closed && tell(node, "closed", of->reason))
		of->owes_closed = false;
	if (of->descriptor != -1)
		watch_as_needed(node);
}

/* ---- open ---- */

static bool address_of(const char *host, int64_t port, struct sockaddr_storage *address, socklen_t *length)
{
	memset(address, 0, sizeof(*address));
	struct sockaddr_in *four = (struct sockaddr_in *)address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
	if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		*length = sizeof(*four);
		return true;
	}
	if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)port);
		*length = sizeof(*six);
		return true;
	}
	return false;
}

/* The place as the table writes it; an address of IPv6 stands in brackets. */
static bool may_connect(sim_node *node, int service, const char *host, int64_t port)
{
	char place[80];
	snprintf(place, sizeof(place), strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, (int)port);
	return lugh_node_permits(node->node, service, "net", place);
}

static void open_to(sim_node *node, int service, int64_t connection, const char *host, int64_t port)
{
	sim_socket *of = &node->socket;
	struct sockaddr_storage address;
	socklen_t length;
	if (of->descriptor != -1)
		close_with(node, "replaced by another open");
	of->service = service;
	of->connection = connection;
	of->owes_closed = of->owes_opened = false;
	if (port < 1 || port > 65535 || !address_of(host, port, &address, &length)) {
		close_with(node, "wanted a numeric address and a port");
		return;
	}
	if (!may_connect(node, service, host, port)) {
		close_with(node, "not-capable: its entry does not grant this place");
		return;
	}
	of->descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (of->descriptor == -1) {
		close_with(node, strerror(errno));
		return;
	}
	int on = 1;
	setsockopt(of->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(of->descriptor, (struct sockaddr *)&address, length) && errno != EINPROGRESS) {
		close_with(node, strerror(errno));
		return;
	}
	of->is_connecting = true;
	of->events = EPOLLOUT;
	worker_watch(node, EPOLLOUT, true);
}

static void finish_connecting(sim_node *node)
{
	sim_socket *of = &node->socket;
	int error = 0;
	socklen_t size = sizeof(error);
	getsockopt(of->descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		close_with(node, strerror(error));
		return;
	}
	of->is_connecting = false;
	of->owes_opened = true;
}

/* ---- write and read ---- */

static bool bytes_of(const lugh_received *message, const uint8_t **bytes, size_t *length)
{
	lugh_cbor_reader body, value;
	lugh_cbor_reader_begin(&body, message->body, message->length);
	return lugh_cbor_find(&body, "bytes", &value) && lugh_cbor_get_bytes(&value, bytes, length);
}

static void write_on(sim_node *node)
{
	sim_socket *of = &node->socket;
	while (of->write_count && !of->is_connecting && of->descriptor != -1) {
		const uint8_t *bytes = NULL;
		size_t length = 0;
		if (bytes_of(&of->writes[of->first_write], &bytes, &length) && of->write_offset < length) {
			ssize_t put = send(of->descriptor, bytes + of->write_offset, length - of->write_offset, MSG_NOSIGNAL);
			if (put < 0 && (errno == EAGAIN || errno == EINTR))
				return;
			if (put < 0) {
				close_with(node, strerror(errno));
				return;
			}
			of->write_offset += (size_t)put;
			if (of->write_offset < length)
				continue;
		}
		lugh_node_release(node->node, of->writes[of->first_write].token);
		of->first_write = (of->first_write + 1) % SOCKET_WRITES;
		of->write_count--;
		of->write_offset = 0;
	}
}

static void read_on(sim_node *node)
{
	sim_socket *of = &node->socket;
	uint8_t bytes[SOCKET_READ_BYTES];
	uint8_t body[SOCKET_READ_BYTES + 64];
	while (of->descriptor != -1 && lugh_node_room(node->node, of->service)) {
		ssize_t got = recv(of->descriptor, bytes, sizeof(bytes), 0);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			close_with(node, got == 0 ? "the peer closed the connection" : strerror(errno));
			return;
		}
		lugh_cbor_writer writer;
		lugh_cbor_writer_begin(&writer, body, sizeof(body));
		lugh_cbor_put_map(&writer, 2);
		lugh_cbor_put_text(&writer, "bytes");
		lugh_cbor_put_bytes(&writer, bytes, (size_t)got);
		lugh_cbor_put_text(&writer, "connection");
		lugh_cbor_put_int(&writer, of->connection);
		if (!lugh_node_send(node->node, of->service, "received", LUGH_MEDIUM, body, writer.length)) {
			close_with(node, "the node had no room for what it received"); /* a lost piece of a stream is a lost stream */
			return;
		}
		worker_wake(node, worker_now());
	}
}

void socket_ready(sim_node *node, uint32_t events)
{
	sim_socket *of = &node->socket;
	if (of->descriptor != -1 && of->is_connecting)
		finish_connecting(node);
	if (of->descriptor != -1 && (events & EPOLLOUT))
		write_on(node);
	if (of->descriptor != -1 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		read_on(node);
	socket_settle(node);
}

/* ---- the port ---- */

void socket_deliver(lugh_node *lugh, void *device, const lugh_received *message)
{
	sim_node *node = device;
	sim_socket *of = &node->socket;
	node->node = lugh; /* a service may open as it starts, before boot has the node in hand */
	lugh_cbor_reader body, value;
	int64_t connection = -1, port = 0;
	const char *host = NULL;
	size_t host_length = 0;
	if (message->is_call) {
		lugh_node_refuse(lugh, message->token, LUGH_ANSWER_NOT_CAPABLE); /* every operation is a send */
		return;
	}
	lugh_cbor_reader_begin(&body, message->body, message->length);
	if (lugh_cbor_find(&body, "connection", &value))
		lugh_cbor_get_int(&value, &connection);
	if (!strcmp(message->type, "write") && connection == of->connection && of->descriptor != -1 && of->write_count < SOCKET_WRITES) {
		of->writes[(of->first_write + of->write_count++) % SOCKET_WRITES] = *message;
		write_on(node);
		if (of->descriptor != -1)
			watch_as_needed(node);
		return;
	}
	if (!strcmp(message->type, "open")) {
		char text[64] = "";
		if (lugh_cbor_find(&body, "host", &value) && lugh_cbor_get_text(&value, &host, &host_length) && host_length < sizeof(text))
			memcpy(text, host, host_length);
		if (lugh_cbor_find(&body, "port", &value))
			lugh_cbor_get_int(&value, &port);
		open_to(node, message->sender, connection, text, port);
	} else if (!strcmp(message->type, "close") && connection == of->connection && of->descriptor != -1)
		close_with(node, "closed by its owner");
	lugh_node_release(lugh, message->token);
}

/* The power fails: the peer hears of it from TCP, nobody else does. */
void socket_end(sim_node *node)
{
	if (node->socket.descriptor != -1)
		close(node->socket.descriptor);
	socket_begin(node);
}
