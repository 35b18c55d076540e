package pgwire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// dialServer connects to the server of a configuration, with TLS if that asks for it.
func dialServer(ctx context.Context, config *pgconn.Config) (net.Conn, error) {
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil || config.TLSConfig == nil {
		return connection, err
	}
	request := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8), codeTLS)
	answer := make([]byte, 1)
	if _, err = connection.Write(request); err == nil {
		_, err = io.ReadFull(connection, answer)
	}
	switch {
	case err != nil:
	case answer[0] == 'S':
		return tls.Client(connection, config.TLSConfig), nil
	case slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil }):
		return connection, nil
	default:
		err = errors.New("the server refuses TLS, which the database URL demands; try sslmode=prefer")
	}
	return nil, errors.Join(fmt.Errorf("wire: %w", err), connection.Close())
}
