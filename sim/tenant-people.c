#include <stdio.h>

#include "base/macros.h"
#include "sim/tenant-parts.h"

/* Invented; with the scripts and signs that names have. Only the first names are unique: device
 * names use them. */
static const struct {
	const char *first, *last;
	const char *alias; /* the first name as a mail system writes it */
} people[] = {
	{ "Alex", "Winter", "alex" },
	{ "Mira", "Holt", "mira" },
	{ "Jürgen", "Krüger", "juergen" },
	{ "Zoë", "Lindqvist", "zoe" },
	{ "Priya", "Natarajan", "priya" },
	{ "小明", "王", "xiaoming" },
	{ "Tomás", "Ibáñez", "tomas" },
	{ "Hana", "Novotná", "hana" },
	{ "Björn", "Åkesson", "bjorn" },
	{ "Amara", "Okafor", "amara" },
	{ "さくら", "高橋", "sakura" },
	{ "Lucía", "Ferrer", "lucia" },
	{ "Søren", "Bække", "soren" },
	{ "Ines", "Duarte", "ines" },
	{ "Kwame", "Boateng", "kwame" },
	{ "Noor", "Haddad", "noor" },
	{ "Oleksandra", "Шевчук", "oleksan" },
	{ "Ravi", "Deshmukh", "ravi" },
	{ "Élodie", "Marchand", "elodie" },
	{ "Connor", "O'Rahilly", "connor" },
	{ "지우", "박", "jiwoo" },
	{ "Fatima", "Zahrani", "fatima" },
	{ "Piotr", "Wiśniak", "piotr" },
	{ "Giulia", "Bassani", "giulia" },
	{ "Daan", "van der Meer", "daan" },
	{ "Chloé 🌻", "Perrin", "chloe" },
	{ "Ngozi", "Adeyemi", "ngozi" },
	{ "Matti", "Kõiv", "matti" },
	{ "Yusuf", "Demirtaş", "yusuf" },
	{ "Anneliese", "Groß", "annelie" },
	{ "Luca", "Conti-Rossi", "luca" },
	{ "Leilani", "Kahale", "leilani" },
	{ "Viktor", "Sørensen", "viktor" },
	{ "Maya", "Stern", "maya" },
	{ "Óscar", "Quintana", "oscar" },
	{ "Freya", "MacAulay", "freya" },
	{ "Devin", "Ashcroft", "devin" },
	{ "Rúna", "Einarsdóttir", "runa" },
	{ "Tariq", "Mansouri", "tariq" },
	{ "Beatriz", "Antunes", "beatriz" },
	{ "美玲", "林", "meiling" },
	{ "Pavel", "Dvořáček", "pavel" },
	{ "Grace", "Whitlock", "grace" },
	{ "Emre", "Yıldız", "emre" },
	{ "Sanne", "de Wit", "sanne" },
	{ "Theo", "Papadakis", "theo" },
	{ "Imogen", "Farrow", "imogen" },
	{ "Kaito", "森", "kaito" },
	{ "Renée", "Lachance", "renee" },
	{ "Marek", "Zawadzki", "marek" },
	{ "Ayesha", "Siddiqui", "ayesha" },
	{ "Bruno", "Keller", "bruno" },
	{ "Signe", "Thorsen", "signe" },
	{ "Omar", "Benali", "omar" },
	{ "Delphine", "Roux", "delphin" },
	{ "Ivan", "Петров", "ivan" },
	{ "Clara", "Nygård", "clara" },
	{ "Hugo", "Vasconcelos", "hugo" },
	{ "Nadia", "Rahimi", "nadia" },
	{ "Gareth", "Pugh", "gareth" },
	{ "Wren", "Castellano", "wren" },
	{ "Jonas", "Fähndrich", "jonas" },
	{ "Samira", "El Amrani", "samira" },
	{ "Dmitri", "Volkov", "dmitri" },
};

static const char *const homes[] = { "brightwater.example", "tallgrass-consulting.example",
				     "otterbay.example" };

void sim_make_people(struct sim_tenant *t)
{
	for (size_t i = 0; i < t->user_count; i++) {
		struct sim_user *u = &t->users[i];
		size_t n = ARRAY_SIZE(people), round = i / n;
		size_t first = i % n, last = (first + round * 13) % n;
		char alias[16];

		sim_guid(t->seed, "user", i, u->id);
		u->guest = i % 16 == 15;
		/* An initial that is no letter of mail addresses is left out. */
		snprintf(alias, sizeof(alias), "%s%c", people[first].alias,
			 people[last].last[0] | 0x20);
		if (!w365_is_alnum(people[last].last[0]))
			alias[strlen(alias) - 1] = '\0';
		snprintf(u->display, sizeof(u->display), "%s %s", people[first].first,
			 people[last].last);
		if (round)
			snprintf(u->alias, sizeof(u->alias), "%s%zu", alias, round + 1);
		else
			snprintf(u->alias, sizeof(u->alias), "%s", alias);
		if (u->guest)
			snprintf(u->upn, sizeof(u->upn), "%s_%s#EXT#@%s", u->alias,
				 homes[i % ARRAY_SIZE(homes)], t->domain);
		else
			snprintf(u->upn, sizeof(u->upn), "%s@%s", u->alias, t->domain);
	}
}
