create table p(a int not null, b int) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create index on p(b);
create trigger t after insert on p for each row execute function suppress_redundant_updates_trigger();
create table q(x int);
create table q1(y int) inherits(q);
-- becomes
create table p1(a int not null, b int);
create index p1_b_idx on p1(b);
create table q1(x int, y int);
