package dev.otherix.controllers.runtime;

import dev.otherix.apimachinery.client.Pause;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Stands for leadership again and again, and has the controllers run while it leads. Two threads:
/// one asks the server, the other starts and stops the controllers, so that they stop in time also
/// when the server does not answer.
final class Campaign implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Campaign.class.getName());
  private static final int STEPS_PER_RENEWAL = 5;

  /// The longest time between two looks at the clock, which may have been set.
  private static final Duration LOOK_MAX = Duration.ofSeconds(1);

  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  private final LeaderElection election;
  private final Candidacy candidacy;
  private final Controllers controllers;
  private final Pause pause = Pause.real();
  private final Semaphore asked = new Semaphore(0);
  private final Thread candidate;
  private final Thread term;

  /// Whether workers of a former term may still run: then there is no other term.
  private volatile boolean running;

  /// What is led.
  interface Controllers {
    void begin();

    /// Returns when no worker runs any more.
    void end() throws InterruptedException;
  }

  Campaign(LeaderElection election, Candidacy candidacy, Controllers controllers) {
    this.election = election;
    this.candidacy = candidacy;
    this.controllers = controllers;
    this.candidate = Thread.ofVirtual().name("leader-election").unstarted(this::stand);
    this.term = Thread.ofVirtual().name("leader-term").unstarted(this::serve);
  }

  void start() {
    candidate.start();
    term.start();
  }

  private void stand() {
    Duration between = candidacy.times().renew().dividedBy(STEPS_PER_RENEWAL);
    boolean alone = candidacy.alone();
    try {
      while (true) {
        if (election.leadership().isPresent() || !running) {
          boolean leads = (alone ? election.seize() : election.step()).isPresent();
          alone &= !leads;
          asked.release();
        }
        pause.await(between);
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "candidate stopped lease={0}", candidacy.lease());
    }
  }

  private void serve() {
    try {
      while (true) {
        asked.acquire();
        asked.drainPermits();
        if (election.leadership().isPresent()) {
          lead();
        }
      }
    } catch (InterruptedException _) {
      LOG.log(System.Logger.Level.DEBUG, "term ended lease={0}", candidacy.lease());
    }
  }

  private void lead() throws InterruptedException {
    running = true;
    controllers.begin();
    for (Duration left = election.left(); left.isPositive(); left = election.left()) {
      long nanos = Math.min(left.toNanos(), LOOK_MAX.toNanos());
      if (asked.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
        asked.drainPermits();
      }
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "leads no more, controllers stop lease={0} identity={1}",
        candidacy.lease(),
        candidacy.identity());
    controllers.end();
    running = false;
  }

  /// Gives the lease up; the controllers have ended before.
  @Override
  public void close() {
    candidate.interrupt();
    term.interrupt();
    try {
      boolean candidateEnded = candidate.join(STOP_MAX);
      if (term.join(STOP_MAX) && candidateEnded) {
        election.release();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
