package pgserver

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports of servers are below those that operating systems lend to outgoing connections (from 32768 on Linux, from
// 49152 elsewhere): a killed server finds its port free when it comes back.
const (
	portLeast = 20000
	portMost  = 32000
)

// loopback is where servers and containers listen.
const loopback = "127.0.0.1"

// freePort returns a port of the loopback interface on which nobody listens now. Somebody else may take it before it
// is used, so a start that fails is worth another port.
func freePort(ctx context.Context) (int, error) {
	const attempts = 100
	var config net.ListenConfig
	for range attempts {
		port := portLeast + rand.IntN(portMost-portLeast)
		listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		return port, listener.Close()
	}
	return 0, errors.New("no free port between 20000 and 32000 on 127.0.0.1")
}
