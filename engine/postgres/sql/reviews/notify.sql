-- Notify: wakes the dispatchers of an owner in all processes, after the write that has given it work or a free slot. It is
-- no part of that write: if the queue of notifications is full, the server refuses the whole transaction when it commits.

SELECT pg_notify('onceover_work', @owner);
