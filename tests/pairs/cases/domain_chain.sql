create domain d1 as int check (value > 0);
create domain d2 as d1;
create table t(a d1, b d2[], c d2 default 5);
create view v as select a, c from t;
create function f(x d2) returns d1 language sql as 'select x::d1';
create index i on t((a+1));
-- becomes
create domain d1 as bigint check (value > 0) check (value < 100);
create domain d2 as d1;
create table t(a d1, b d2[], c d2 default 6);
create view v as select a, c from t;
create function f(x d2) returns d1 language sql as 'select x::d1';
create index i on t((a+1));
