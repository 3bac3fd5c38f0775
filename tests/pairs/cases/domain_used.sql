create domain d as text not null default 'x' check (value <> '');
create table t(a d, b d[] default '{}');
create function f(d) returns d language sql as 'select $1';
-- becomes
create domain d as varchar(20) collate "C" default 'y' constraint c check (value <> 'q');
create table t(a d, b d[] default '{}');
create function f(d) returns d language sql as 'select $1';
