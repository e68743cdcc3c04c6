/* The delivery protocol for one message on one endpoint, explored whole by Spin: two workers, deaths at any step, a lease
   that may end at any time, a fence. KEYED 1: the provider knows the key. KEYED 0: it does not, and a doubt is left alone.
   spin -run docs/protocol.pml, spin -DKEYED=0 -run docs/protocol.pml: no assertion fails, nothing is stuck.
   Each atomic block is one transaction of publisher/work: claim.py, intend.py, settle.py; `told` is the outside world. */

#ifndef KEYED
#define KEYED 1
#endif
#define DEATHS 3

mtype = { none, calling, accepted, doubt };

mtype row = none;       /* the delivery's row: a row means "may have been sent" */
byte epoch = 0;         /* grows with every claim: the fence */
bool leased = false;
bool done = false;      /* the batch has ended */
bool stopped = false;   /* a newer version was committed */
bool begun_after_stop = false;
byte told = 0;          /* messages that reached the endpoint */
byte deaths = 0;
bool orphan = false;    /* whoever holds the lease is dead */

proctype Worker() {
    byte mine;
    bool sends;
    do
    :: atomic { !done && !leased && !stopped -> epoch++; mine = epoch; leased = true; orphan = false };          /* claim */
       atomic {                                                                                  /* intend */
           sends = false;
           if
           :: epoch == mine && !stopped && row == none -> row = calling; sends = true
           :: epoch == mine && !stopped && row == calling && KEYED -> sends = true               /* same key again */
           :: epoch == mine && !stopped && row == calling && !KEYED -> row = doubt               /* left, marked */
           :: else -> skip
           fi;
           if :: sends && stopped -> begun_after_stop = true :: else fi
       };
       if
       :: deaths < DEATHS -> deaths++; goto dead                                                 /* dies before the call */
       :: skip
       fi;
       if
       :: sends -> atomic {                                                                      /* the call */
               told = (KEYED && told > 0 -> told : told + 1);
               assert(row != none);                        /* nobody is told without a row */
               assert(told <= 1)                           /* nobody is told twice */
           }
       :: else -> skip
       fi;
       if
       :: deaths < DEATHS -> deaths++; goto dead                                                 /* dies before it settles */
       :: skip
       fi;
       atomic {                                                                                  /* settle, finish */
           if
           :: epoch == mine && sends -> row = accepted; done = true; leased = false
           :: epoch == mine && !sends && (row == doubt || stopped) -> done = true; leased = false
           :: else -> skip                                                                       /* fenced: evidence only */
           fi;
           assert(row != accepted || told > 0);            /* no state stronger than its evidence */
           assert(!begun_after_stop)                       /* nothing older starts after a newer version */
       };
       goto next;
dead:  atomic { if :: epoch == mine && leased -> orphan = true :: else fi };                     /* memory is gone */
next:  skip
    :: atomic { done -> break }
    :: atomic { stopped && !leased -> break }
    od
}

/* The lease of a dead worker ends, and now and then that of one that is only slow. */
proctype Lease() {
    byte slow = 0;
    do
    :: atomic { leased && orphan -> leased = false; orphan = false }
    :: atomic { leased && !orphan && slow < 2 -> leased = false; slow++ }
    :: atomic { done -> break }
    :: atomic { stopped && !leased -> break }
    od
}

proctype Newer() { if :: atomic { stopped = true } :: skip fi }

init { atomic { run Worker(); run Worker(); run Lease(); run Newer() } }
