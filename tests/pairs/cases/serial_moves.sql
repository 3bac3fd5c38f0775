create sequence s;
create table t(a int default nextval('s'), b serial, c bigserial);
alter sequence s owned by t.a;
create table k(id int);
-- becomes
create sequence s increment 5 cache 3 maxvalue 1000;
create table t(a int, b bigint default 7, c bigserial);
create table k(id int default nextval('s'));
alter sequence s owned by k.id;
create table n(id serial primary key, x smallserial);
