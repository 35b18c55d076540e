package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
)

const (
	// containerTimeLimit bounds the start of a container, without the download of its image.
	containerTimeLimit = 90 * time.Second
	// startAttempts is the number of ports that are tried.
	startAttempts = 3
	// serverUser owns every database of a server that this package starts.
	serverUser = "onceover"
)

// dockerServer is a server in a container.
type dockerServer struct {
	name   string
	client client.APIClient
	reaper *reaper // nil: testcontainers' reaper cleans up
	paused bool
}

// startDocker starts a container by way of the Docker that connect returns. Every failure is a reason to try the next
// source.
func startDocker(ctx context.Context, durable bool, connect func() (*testcontainers.DockerProvider, error)) (*Server, error) {
	provider, err := connect()
	if err != nil {
		return nil, absentf("Docker is not running: %w", err)
	}
	defer provider.Close() //nolint:errcheck // It holds idle connections only.
	reaped := !provider.Config().Config.RyukDisabled
	if _, err := exec.LookPath("docker"); err != nil && !reaped {
		return nil, absentf("TESTCONTAINERS_RYUK_DISABLED is set and there is no docker command, so nothing would remove the container")
	}
	image := os.Getenv(ImageVariable)
	if image == "" {
		image = DefaultImage
	}
	if err := ensureImage(ctx, provider.Client(), image); err != nil {
		return nil, absentf("image %s: %w", image, err)
	}
	host, err := provider.DaemonHost(ctx)
	if err != nil {
		return nil, absentf("the address of Docker's ports: %w", err)
	}
	for attempt := 1; ; attempt++ {
		s, err := runContainer(ctx, image, host, durable, reaped)
		if err == nil {
			return s, nil
		}
		if attempt == startAttempts || ctx.Err() != nil {
			return nil, absentf("image %s: %w", image, err)
		}
	}
}

// dockerProvider connects to Docker. If testcontainers panics instead of returning an error, the panic is the error.
func dockerProvider() (provider *testcontainers.DockerProvider, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	silence()
	return testcontainers.NewDockerProvider(testcontainers.WithLogger(log.NewNoopLogger()))
}

// silence keeps testcontainers from printing a dozen lines about the Docker that it has found.
var silence = sync.OnceFunc(func() { log.SetDefault(log.NewNoopLogger()) })

// ensureImage pulls an image unless it is present. It tries once: testcontainers would retry for a quarter of an hour,
// although there is another source.
func ensureImage(ctx context.Context, docker client.APIClient, image string) error {
	if _, err := docker.ImageInspect(ctx, image); err == nil {
		return nil
	}
	pull, err := docker.ImagePull(ctx, image, client.ImagePullOptions{})
	if err != nil {
		return fmt.Errorf("cannot be pulled: %w", err)
	}
	if err := pull.Wait(ctx); err != nil {
		return fmt.Errorf("cannot be pulled: %w", err)
	}
	return nil
}

// runContainer starts a container on a free port and waits until its server answers.
func runContainer(ctx context.Context, image, host string, durable, reaped bool) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, containerTimeLimit)
	defer cancel()
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	d := &dockerServer{name: "onceover-postgres-" + strings.ToLower(rand.Text())}
	if !reaped {
		// Before the container exists, so that there is no moment in which nothing would remove it.
		if d.reaper, err = startReaper(`docker unpause "$1"; docker rm --force --volumes "$1"`, d.name); err != nil {
			return nil, err
		}
	}
	password := rand.Text()
	arguments := []string{"postgres", "-c", "max_connections=" + connectionsMax}
	if !durable {
		arguments = append(arguments, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	started, err := postgres.Run(ctx, image,
		postgres.WithUsername(serverUser), postgres.WithPassword(password), postgres.WithDatabase("postgres"),
		testcontainers.WithLogger(log.NewNoopLogger()),
		testcontainers.WithCmd(arguments...),
		testcontainers.CustomizeRequestOption(func(request *testcontainers.GenericContainerRequest) error {
			request.Name = d.name
			return nil
		}),
		testcontainers.WithHostConfigModifier(func(config *container.HostConfig) {
			// A port that is chosen here stays the same over a restart; one that Docker chooses does not.
			config.PortBindings = network.PortMap{
				network.MustParsePort("5432/tcp"): {{HostIP: bindAddress(host), HostPort: strconv.Itoa(port)}},
			}
		}),
	)
	if err != nil {
		if started != nil {
			err = errors.Join(err, started.Terminate(context.WithoutCancel(ctx)))
		}
		return nil, errors.Join(err, d.finish(context.WithoutCancel(ctx)))
	}
	provider, err := dockerProvider()
	if err != nil {
		return nil, errors.Join(err, started.Terminate(context.WithoutCancel(ctx)), d.finish(context.WithoutCancel(ctx)))
	}
	d.client = provider.Client()
	address := (&url.URL{
		Scheme: "postgres", User: url.UserPassword(serverUser, password),
		Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}).String()
	version, err := waitReady(ctx, address, nil)
	if err != nil {
		return nil, errors.Join(err, d.stop(context.WithoutCancel(ctx)))
	}
	return &Server{source: Docker, url: address, version: version, detail: "image " + image, control: d}, nil
}

// bindAddress returns the address to which a port is bound. With a Docker of this machine no other machine can reach
// it.
func bindAddress(host string) netip.Addr {
	if host == "localhost" || host == loopback {
		return netip.MustParseAddr(loopback)
	}
	return netip.IPv4Unspecified()
}

// kill implements [control].
func (d *dockerServer) kill(ctx context.Context) error {
	// Docker does not kill paused containers.
	if d.paused {
		if err := d.resume(ctx); err != nil {
			return err
		}
	}
	// The wait begins before the kill, so that it does not miss the end.
	ended := d.client.ContainerWait(ctx, d.name, client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
	if _, err := d.client.ContainerKill(ctx, d.name, client.ContainerKillOptions{Signal: "SIGKILL"}); err != nil {
		return err
	}
	select {
	case <-ended.Result:
		return nil
	case err := <-ended.Error:
		return err
	}
}

// start implements [control].
func (d *dockerServer) start(ctx context.Context) error {
	_, err := d.client.ContainerStart(ctx, d.name, client.ContainerStartOptions{})
	return err
}

// pauseTriesMax bounds the attempts to pause a container. The kernel freezes its processes one by one, and gives up
// when a server under load forks faster than that. Then nothing is frozen, and another attempt may succeed.
const pauseTriesMax = 20

// pause implements [control].
func (d *dockerServer) pause(ctx context.Context) (err error) {
	for range pauseTriesMax {
		_, err = d.client.ContainerPause(ctx, d.name, client.ContainerPauseOptions{})
		if d.paused = err == nil; d.paused || ctx.Err() != nil || !strings.Contains(err.Error(), "unable to freeze") {
			break
		}
	}
	return err
}

// resume implements [control].
func (d *dockerServer) resume(ctx context.Context) error {
	_, err := d.client.ContainerUnpause(ctx, d.name, client.ContainerUnpauseOptions{})
	d.paused = d.paused && err != nil
	return err
}

// stop implements [control].
func (d *dockerServer) stop(ctx context.Context) error {
	_, err := d.client.ContainerRemove(ctx, d.name, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	return errors.Join(err, d.finish(ctx), d.client.Close())
}

// finish ends the reaper, after the container is gone.
func (d *dockerServer) finish(ctx context.Context) error {
	if d.reaper == nil {
		return nil
	}
	// The reaper finds nothing to remove any more, so its script fails.
	var exit *exec.ExitError
	if err := d.reaper.finish(ctx); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}
