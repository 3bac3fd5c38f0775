-- not supported
create table p(id int, n text default 'p');
create table c(x int) inherits(p);
create table d(id int, n text);
create table e(id int, n text);
-- becomes
create table p(id bigint not null, n text default 'q', k int default 1, constraint ck check (k < 9));
create table c(x int, n text default 'c') inherits(p);
create table d(id bigint not null, n text, k int, constraint ck check (k < 9));
alter table d inherit p;
create table e() inherits (p);
