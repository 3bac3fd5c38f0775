create type c as (a int, b text);
create table t(x c);
comment on type c is 'old';
-- becomes
create type c as (a int, b text, d int);
create table t(x c);
