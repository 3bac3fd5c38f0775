create table a(i int, j text, primary key(i,j));
create table b(x int, y text, foreign key (x,y) references a match full on update cascade);
-- becomes
create table a(i uuid, j varchar(5), primary key(i,j));
create table b(x uuid, y varchar(5), foreign key (x,y) references a match full on update cascade on delete set null (y));
