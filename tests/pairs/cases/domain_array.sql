-- not supported
create domain d as int;
create table t(a d[]);
create domain ok as int;
create table u(a ok, b ok);
-- becomes
create domain d as int check (value > 0);
create table t(a d[]);
create domain ok as int default 4 check (value > 0) not null;
create table u(a ok, b ok not null);
comment on constraint ok_check on domain ok is 'x';
