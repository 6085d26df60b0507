"use strict";

const MESI = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
  "novembre", "dicembre"];
const GIORNI = ["domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"];
const CASA = "Teatro Civico di Montelauro";

const testo = (valore) => String(valore).replace(/&/g, "&amp;").replace(/</g, "&lt;");
const giorno = (data) => Number(data.slice(8, 10));
const mese = (data) => MESI[Number(data.slice(5, 7)) - 1];
const anno = (data) => data.slice(0, 4);
const perEsteso = (data) => `${giorno(data)} ${mese(data)} ${anno(data)}`;

function periodo(date) {
  const [primo, ultimo] = [date[0], date[date.length - 1]];
  if (primo === ultimo) return perEsteso(primo);
  const inizio = mese(primo) === mese(ultimo) ? giorno(primo) : `${giorno(primo)} ${mese(primo)}`;
  return `dal ${inizio} al ${perEsteso(ultimo)}`;
}

function serate(date) {
  const gruppi = [];
  for (const data of date) {
    const ultimo = gruppi[gruppi.length - 1];
    if (ultimo && ultimo.mese === mese(data)) ultimo.giorni.push(giorno(data));
    else gruppi.push({ mese: mese(data), giorni: [giorno(data)] });
  }
  return gruppi.map((gruppo) => `${gruppo.giorni.join(", ")} ${gruppo.mese}`).join(", ");
}

function recita(voce) {
  const nome = GIORNI[new Date(`${voce.data}T12:00:00Z`).getUTCDay()];
  const nota = voce.nota ? ` <em class="nota">${testo(voce.nota)}</em>` : "";
  const stato = voce.stato ? ` <span class="stato">${testo(voce.stato)}</span>` : "";
  const acquisto = voce.biglietti ? ` <a class="acquista" href="${voce.biglietti}">Acquista</a>` : "";
  return `<li><span class="quando">${nome} ${perEsteso(voce.data)}, ore ${voce.ora}</span>${nota}${stato}${acquisto}</li>`;
}

function interprete(voce) {
  return testo(voce.nome) + (voce.recite ? ` (${serate(voce.recite)})` : "");
}

function righe(voci) {
  return voci.map(([nome, valore]) => `<tr><th>${testo(nome)}</th><td>${valore}</td></tr>`).join("");
}

function paginaOpera(opera) {
  const note = [opera.forma, opera.allestimento].filter(Boolean).map((nota) => `<p class="forma">${testo(nota)}</p>`);
  return `
    <p class="stagione">Stagione ${testo(opera.stagione)}</p>
    <h1>${testo(opera.titolo)}</h1>
    <p class="genere">${testo(opera.genere)}</p>
    <p class="autori">Musica di ${testo(opera.musica)}<br>Libretto di ${testo(opera.libretto)}</p>
    ${note.join("")}
    <p class="periodo">${periodo(opera.recite.map((voce) => voce.data))}</p>
    <p class="luogo">${testo(opera.luogo)}</p>
    <p class="testo">${testo(opera.testo)}</p>
    <p class="durata">Durata: ${testo(opera.durata)}. ${testo(opera.lingua)}.</p>
    <h2>Recite</h2>
    <ul class="recite">${opera.recite.map(recita).join("")}</ul>
    <h2>Direzione e allestimento</h2>
    <table>${righe(opera.crediti.map((voce) => [voce.ruolo, testo(voce.nome)]))}</table>
    <h2>Personaggi e interpreti</h2>
    <table>${righe(opera.cast.map((voce) => [voce.personaggio, voce.interpreti.map(interprete).join(" / ")]))}</table>
    <h2>Prezzi</h2>
    <ul class="prezzi">${opera.prezzi.map((voce) => `<li>${testo(voce.settore)} € ${voce.euro}</li>`).join("")}</ul>`;
}

function paginaStagione(stagione) {
  const titoli = stagione.titoli.map((titolo) => `
    <li>
      <h2><a href="/opera/${titolo.slug}">${testo(titolo.titolo)}</a></h2>
      <p>${testo(titolo.musica)}</p>
      <p>${periodo([titolo.dal, titolo.al])}${titolo.forma ? ` · ${testo(titolo.forma)}` : ""}</p>
    </li>`);
  return `<h1>Stagione lirica ${testo(stagione.stagione)}</h1><ul class="titoli">${titoli.join("")}</ul>`;
}

function paginaTeatro(teatro) {
  return `<h1>${testo(teatro.titolo)}</h1>${teatro.testi.map((riga) => `<p>${testo(riga)}</p>`).join("")}`;
}

function cornice(contenuto) {
  return `
    <header><a class="logo" href="/">${CASA}</a>
      <nav><a href="/stagione">Stagione</a></nav>
    </header>
    <main>${contenuto}</main>
    <footer>
      <address>${CASA}<br>Piazza del Mercato 3<br>61999 Montelauro<br>Italia</address>
      <p>Il ${CASA} e tutti i suoi artisti sono inventati. Questo sito contiene dati di esempio.</p>
    </footer>`;
}

async function disegna() {
  const [, sezione, slug] = location.pathname.split("/");
  const [indirizzo, pagina] =
    sezione === "opera" ? [`/api/opere/${slug}.json`, paginaOpera]
      : sezione === "stagione" ? ["/api/stagione.json", paginaStagione]
        : ["/api/teatro.json", paginaTeatro];
  const risposta = await fetch(indirizzo);
  if (!risposta.ok) {
    document.getElementById("app").innerHTML = cornice("<h1>Pagina non trovata</h1>");
    return;
  }
  const dati = await risposta.json();
  document.title = `${dati.titolo || "Stagione lirica"} – ${CASA}`;
  document.getElementById("app").innerHTML = cornice(pagina(dati));
}

disegna();
