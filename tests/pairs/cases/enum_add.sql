create type e as enum('b','d');
create table t(x e);
-- becomes
create type e as enum('a','b','c1','c2','d','e'); create table t(x e default 'c2', check (x <> 'a')); create index i on t(x) where x = 'e'; create function f() returns e language sql immutable as $$select 'a'::e$$;
