package pgwire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// A Proxy stands between clients and a Postgres server. It is made by [New] and ended by [Proxy.Close].
type Proxy struct {
	url      string
	dial     func(ctx context.Context) (net.Conn, error)
	rewrites []*Rewrite
	listener net.Listener
	ctx      context.Context //nolint:containedctx // It ends with the proxy, as the links that are derived from it do.
	cancel   context.CancelFunc
	serving  sync.WaitGroup

	// mu is held while the injector decides, so an injector needs no lock although several connections have messages.
	mu          sync.Mutex
	injector    Injector
	operation   int // counts the calls of Begin
	connections int // that have had a message since Begin
	links       map[*link]bool
	errs        []error
	closed      bool
}

// New starts a proxy to the server of a database URL, on its own port of the loopback interface. It forwards everything
// until [Proxy.Begin], and always applies the rewrites. If the URL asks for TLS, the proxy uses it to the server;
// clients connect without TLS.
func New(databaseURL string, rewrites ...*Rewrite) (*Proxy, error) {
	config, err := pgconn.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("pgwire: %w", err)
	}
	parsed, err := url.Parse(databaseURL)
	if err != nil || parsed.Host == "" {
		return nil, errors.New("pgwire: the database must be given as a URL like postgres://user:password@host:port/database")
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("pgwire: %w", err)
	}
	query := parsed.Query()
	query.Set("sslmode", "disable")
	for _, name := range []string{"host", "port", "sslrootcert", "sslcert", "sslkey", "sslnegotiation"} {
		query.Del(name)
	}
	parsed.Host, parsed.RawQuery = listener.Addr().String(), query.Encode()
	p := newProxy(func(ctx context.Context) (net.Conn, error) { return dialServer(ctx, config) }, rewrites)
	p.url, p.listener = parsed.String(), listener
	p.serving.Go(p.accept)
	return p, nil
}

// newProxy returns a proxy that does not listen yet.
func newProxy(dial func(ctx context.Context) (net.Conn, error), rewrites []*Rewrite) *Proxy {
	p := &Proxy{dial: dial, rewrites: rewrites, links: map[*link]bool{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// URL returns the URL of the database through the proxy, password included.
func (p *Proxy) URL() string { return p.url }

// Begin starts an operation: it counts messages from 0 again and lets the injector (nil forwards everything) decide
// about them from now on. The caller must make sure that nothing of the previous operation is in flight, for example by
// [Proxy.CutAll].
func (p *Proxy) Begin(injector Injector) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.injector = injector
	p.operation++
	p.connections = 0
}

// CutAll cuts all connections and waits until the server has ended their sessions: it has then carried out or given up
// every statement that it received. The error is that of the context.
func (p *Proxy) CutAll(ctx context.Context) error {
	for _, l := range p.open() {
		l.cut()
		if err := l.waitServer(ctx); err != nil {
			return fmt.Errorf("wait for the server to end a session that was cut: %w", err)
		}
	}
	return nil
}

// Close ends the proxy and all its connections. The error joins what went wrong before: streams that do not follow the
// protocol, and rewrites that never matched a statement.
func (p *Proxy) Close() error {
	p.mu.Lock()
	again := p.closed
	p.closed = true
	p.mu.Unlock()
	if again {
		return nil
	}
	p.cancel()
	err := p.listener.Close()
	for _, l := range p.open() {
		l.close()
	}
	p.serving.Wait()
	err = errors.Join(append([]error{err}, p.errs...)...)
	for _, r := range p.rewrites {
		if r.Matches() == 0 {
			err = errors.Join(err, fmt.Errorf("pgwire: the rewrite of %q has matched no statement, so it has broken nothing; look at the SQL that is sent", r.pattern))
		}
	}
	return err
}

// accept serves clients until the listener is closed.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				p.fail(fmt.Errorf("pgwire: accept: %w", err))
			}
			return
		}
		l := p.newLink(client)
		if l == nil {
			return
		}
		p.serving.Go(func() {
			defer p.remove(l)
			l.serve()
		})
	}
}

// newLink returns the link of a client, or nil when the proxy is closed.
func (p *Proxy) newLink(client net.Conn) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = client.Close() // Nothing was sent on it.
		return nil
	}
	l := &link{proxy: p, client: client, serverEnded: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(p.ctx)
	p.links[l] = true
	return l
}

// open returns all links.
func (p *Proxy) open() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	links := make([]*link, 0, len(p.links))
	for l := range p.links {
		links = append(links, l)
	}
	return links
}

// remove closes and deletes a link.
func (p *Proxy) remove(l *link) {
	l.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// fail adds an error to what Close returns.
func (p *Proxy) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.errs = append(p.errs, err)
}

// ask sets the place of a message and returns the injector's decision.
func (p *Proxy) ask(l *link, m Message) Decision {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.operation != p.operation || l.number == 0 {
		p.connections++
		l.operation, l.number, l.passed = p.operation, p.connections, [2]int{}
	}
	m.Connection, m.Index = l.number, l.passed[m.Direction]
	l.passed[m.Direction]++
	if p.injector == nil {
		return Decision{}
	}
	return p.injector.Decide(m)
}

// serverBuffer is the size of the proxy's own buffer for what a server sends. It is small, so that a server soon notices
// that nobody reads: a [Decision.Delay] of an answer is one.
const serverBuffer = 64 << 10

// dialServer connects to the server of a configuration, with TLS if the configuration asks for it.
func dialServer(ctx context.Context, config *pgconn.Config) (net.Conn, error) {
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	connection, err := new(net.Dialer).DialContext(ctx, network, address)
	if tcp, is := connection.(*net.TCPConn); is {
		_ = tcp.SetReadBuffer(serverBuffer) // The size that it has otherwise works, too.
	}
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
	return nil, errors.Join(fmt.Errorf("pgwire: %w", err), connection.Close())
}
