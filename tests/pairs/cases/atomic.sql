create table t(a int, b int); create function f() returns int language sql begin atomic select a from t; end; create function g() returns int language sql begin atomic select f(); end;
-- becomes
create table t(a bigint); create function f() returns bigint language sql begin atomic select a from t; end; create function g() returns bigint language sql begin atomic select f(); end; create table n(x bigint default g());
